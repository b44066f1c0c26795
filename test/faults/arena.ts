import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openProject, type Project } from '../../src/jobs/project.ts';
import { listWorkers } from '../../src/jobs/snapshot.ts';
import { monotonicMs, now, sleep } from '../../src/lib/clock.ts';
import type { Evidence, Strike } from './evidence.ts';
import type { JobPlan, JobType } from './job-plan.ts';
import { KeptProgram } from './kept-program.ts';
import { followLedger } from './ledger.ts';
import { freePort } from '../helpers/free-port.ts';
import {
  commandOf,
  findProcesses,
  type FoundProcess,
  signalProcess,
  type StartedProcess,
  startProcess,
} from './processes.ts';
import { type Cut, type Proxy, startProxy } from './proxy.ts';
import { createRandom, type Random } from './random.ts';
import { RedisServer } from './redis-server.ts';
import { scanQueue } from './scan.ts';
import { SteppedClock } from '../helpers/stepped-clock.ts';
import { readTroubles } from './trouble-lines.ts';
import { until } from './until.ts';

const PROJECT = path.join(import.meta.dirname, 'project');
const PRODUCERS = { library: 'producer.ts', http: 'http-producer.ts' } as const;
const QUEUE = 'default';
/** Longer than anything may stand still, whatever is done to it. */
const STANDSTILL_MS = 60_000;
/** About how long it takes to enqueue a job. */
const LONGEST_TRY_MS = 10;

const logOf = (index: number): string => `worker-${index + 1}.log`;

export interface ArenaOptions {
  /** The built `jq.cjs`; with two, the workers take turns. */
  programs: readonly string[];
  plan: JobPlan;
  /** How many `jq work` there are, and with what flags. */
  workers: number;
  flags: readonly string[];
  /** How jobs come in: from a program of ours, or through a `jq serve`. */
  producer: keyof typeof PRODUCERS;
  /** Each worker has a clock of its own, which can be set. */
  hasClocks?: boolean;
  /** Called with the folder that Redis will have its data in; what it returns is called when Redis has ended. */
  prepare?: ((redisFolder: string) => () => void) | undefined;
  /** Several servers instead of one. */
  openFleet?: ((folder: string) => RunFleet) | undefined;
  /** On top of what every worker and producer gets. */
  env?: Readonly<Record<string, string>> | undefined;
}

/** Redis servers that work together. */
export interface RunFleet {
  /** Known when they have been started. */
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
}

/**
 * Where one fault is tried: a Redis, a proxy before it, workers and a producer behind that, and the ledgers.
 *
 * It owns all of them and a folder. `close` ends every process whose environment names that folder, by its id.
 */
export class Arena {
  readonly folder: string = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-faults-'));
  readonly redis: RedisServer = new RedisServer(this.folder);
  readonly random: Random;
  readonly workers: KeptProgram[] = [];
  /** Where jobs come in over HTTP. */
  server: KeptProgram | undefined;
  /** Of each worker, where they have some. */
  readonly clocks: SteppedClock[] = [];
  proxy!: Proxy;
  readonly fleet: RunFleet | undefined;
  /** Past the proxy, for our own eyes. */
  #eyes: Project | undefined;
  readonly #options: ArenaOptions;
  readonly #strikes: Strike[] = [];
  readonly #produced = followLedger(this.folder, 'produced');
  readonly #handled = followLedger(this.folder, 'handled');
  readonly #effects = followLedger(this.folder, 'effects');
  #serverUrl = '';
  #producer: StartedProcess | undefined;
  #restore: (() => void) | undefined;

  constructor(options: ArenaOptions) {
    this.#options = options;
    this.fleet = options.openFleet?.(this.folder);
    this.random = createRandom(`${options.plan.seed} faults`);
  }

  /** Starts Redis, the proxy, the workers and the server; `produce` is a step of its own. */
  async open(): Promise<void> {
    const { programs, workers, flags, hasClocks, producer, prepare } = this.#options;
    this.#restore = prepare?.(this.redis.folder);
    if (this.fleet) await this.fleet.start();
    else {
      await this.redis.start();
      this.proxy = await startProxy(this.redis.socketPath);
    }
    for (let index = 0; index < workers; index += 1) {
      const command = [process.execPath, programs[index % programs.length]!, 'work', ...flags];
      const logFile = path.join(this.folder, logOf(index));
      const clock = hasClocks ? new SteppedClock(path.join(this.folder, `clock-${index + 1}`)) : undefined;
      if (clock) this.clocks.push(clock);
      const env = { ...this.#environment(), ...clock?.environment };
      this.workers.push(new KeptProgram(command, { env, cwd: PROJECT, logFile }));
    }
    if (producer === 'http') await this.#serve(programs[0]!);
  }

  async #serve(program: string): Promise<void> {
    const port = await freePort();
    this.#serverUrl = `http://127.0.0.1:${port}`;
    const command = [process.execPath, program, 'serve', '--port', `${port}`, '--log-level', 'info'];
    const logFile = path.join(this.folder, 'server.log');
    this.server = new KeptProgram(command, { env: this.#environment(), cwd: PROJECT, logFile });
  }

  /** Starts the producer. */
  produce(): void {
    const { plan, producer } = this.#options;
    const program = path.join(import.meta.dirname, PRODUCERS[producer]);
    const command = [process.execPath, program, this.folder, JSON.stringify(plan), this.#serverUrl];
    this.#producer = startProcess(command, {
      env: this.#environment(),
      cwd: PROJECT,
      logFile: path.join(this.folder, 'producer.log'),
    });
  }

  /** SIGSTOP holds the producer, SIGCONT lets it go on. */
  signalProducer(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#producer!.signal(name);
  }

  /** Kills the producer while it waits to hear of what it has tried, and starts it again. */
  async killProducer(): Promise<void> {
    const producer = this.#producer!;
    const isWaiting = () => producer.hasEnded() || this.#countPending() > 0;
    if (!(await until(isWaiting, STANDSTILL_MS, 1)) || producer.hasEnded()) return;
    await sleep(this.random.integer(0, LONGEST_TRY_MS));
    await this.strike(() => producer.kill(), [producer.pid]);
    this.produce();
  }

  #countPending(): number {
    const facts = Map.groupBy(this.#produced(), ({ fact }) => fact);
    const count = (fact: 'try' | 'ack' | 'gone') => new Set(facts.get(fact)?.map(({ key }) => key)).size;
    return count('try') - count('ack') - count('gone');
  }

  get hasProduced(): boolean {
    return this.#producer?.hasEnded() ?? false;
  }

  /** Waits until this part of the jobs (0 to 1) is acknowledged, or given up. @throws Error when nothing goes on any more */
  async untilProduced(part: number): Promise<void> {
    const wanted = Math.floor(this.#options.plan.jobs * part);
    let [seen, since] = [-1, monotonicMs()];
    for (;;) {
      const acknowledged = this.#produced().filter(({ fact }) => fact !== 'try').length;
      if (acknowledged >= wanted) return;
      if (this.hasProduced) throw new Error(`The producer ended early:\n${this.#read('producer.log').slice(-2000)}`);
      if (acknowledged > seen) [seen, since] = [acknowledged, monotonicMs()];
      else if (monotonicMs() - since > STANDSTILL_MS) {
        throw new Error(`Nothing goes on any more: ${acknowledged} of ${this.#options.plan.jobs} jobs acknowledged`);
      }
      await sleep(50);
    }
  }

  /** Waits until a run of this type is under way. */
  async untilRunning(type: JobType): Promise<void> {
    const isRunning = () => this.running().some((run) => run.type === type);
    if (!(await until(isRunning, STANDSTILL_MS))) throw new Error(`No job of type ${type} was running`);
  }

  /** The runs that are under way, or were left to themselves, in processes that live. */
  running(): { pid: number; type: string }[] {
    const open = new Map<string, { pid: number; type: string }>();
    for (const line of this.#handled()) {
      if (line.fact === 'start') open.set(line.run, { pid: Number(line.pid), type: line.type });
      else open.delete(line.run);
    }
    const living = new Set(this.processes().map(({ pid }) => pid));
    return [...open.values()].filter(({ pid }) => living.has(pid));
  }

  /** Those of the programs that run a job now. */
  programsAtWork(): string[] {
    const commands = this.running().map(({ pid }) => commandOf(pid));
    return this.#options.programs.filter((program) => commands.some((words) => words.includes(program)));
  }

  /** All that lives and belongs here, but Redis. */
  processes(): FoundProcess[] {
    return findProcesses(`FAULTS_FOLDER=${this.folder}`);
  }

  /** The living processes of one program: its first one, and those below it. */
  treeOf(program: KeptProgram): number[] {
    const processes = this.processes();
    const tree = processes.flatMap(({ pid }) => (pid === program.pid ? [pid] : []));
    for (const each of tree) tree.push(...processes.filter(({ parent }) => parent === each).map(({ pid }) => pid));
    return tree;
  }

  /**
   * Inflicts a fault, and notes which jobs were in flight around it.
   * @param inflict resolves at the end of a fault that lasts
   * @param pids the processes that it hits, when it hits no others
   */
  async strike(inflict: () => unknown, pids?: readonly number[]): Promise<void> {
    await this.#note(async () => {
      const at = now();
      await inflict();
      return { at, overAt: now() };
    }, pids);
  }

  /** Cuts a connection that is in use; one that does not speak for a while is spared, and that is no fault. */
  async cut(how: Cut): Promise<void> {
    await this.#note(async () => {
      const at = await this.proxy.cut(how, this.random);
      return at === undefined ? undefined : { at, overAt: at };
    });
  }

  async #note(
    inflict: () => Promise<Pick<Strike, 'at' | 'overAt'> | undefined>,
    pids?: readonly number[],
  ): Promise<void> {
    const before = await this.activeIds();
    const time = await inflict();
    if (!time) return;
    const inFlight = [...new Set([...before, ...(await this.activeIds())])];
    this.#strikes.push({ ...time, inFlight, ...(pids && { pids }) });
  }

  async activeIds(): Promise<string[]> {
    const { redis, keys } = (await this.#look()).broker;
    let ids: string[] | undefined;
    // Our own eyes, too, must find the Redis that took over.
    await until(async () => {
      const reply = await redis.call('LRANGE', keys.queue(QUEUE, 'active'), 0, -1).catch(() => undefined);
      ids = reply as string[] | undefined;
      return ids !== undefined;
    }, STANDSTILL_MS);
    return ids ?? [];
  }

  /** How many worker processes are on the list, and not taken for lost. */
  async livingWorkers(): Promise<number> {
    const workers = await listWorkers(await this.#look());
    return workers.filter(({ state }) => state === 'running').length;
  }

  /** Waits until nothing waits, nothing runs and nothing is delayed. @returns whether that came about in time */
  async untilSettled(withinMs: number): Promise<boolean> {
    // All at one moment: a job that is put back between two looks would be seen by neither.
    const sizes =
      "redis.call('LLEN', KEYS[1]) + redis.call('LLEN', KEYS[2]) + redis.call('ZCARD', KEYS[3]) + redis.call('ZCARD', KEYS[4])";
    const { redis, keys } = (await this.#look()).broker;
    const names = (['wait', 'active', 'delayed', 'prioritized'] as const).map((part) => keys.queue(QUEUE, part));
    return until(async () => (await redis.call('EVAL', `return ${sizes}`, names.length, ...names)) === 0, withinMs, 50);
  }

  /** Stops the workers, then reads the ledgers and the queue. */
  async collect(): Promise<Evidence> {
    await Promise.all(this.workers.map((worker) => worker.stop(5000)));
    const jobs = await scanQueue((await this.#look()).broker, QUEUE);
    const [produced, handled, effects] = [this.#produced(), this.#handled(), this.#effects()];
    const troubles = this.workers.map((_worker, index) => readTroubles(this.#read(logOf(index))));
    return { produced, handled, effects, jobs, strikes: this.#strikes, troubles };
  }

  async #look(): Promise<Project> {
    const env = { JQ_REDIS_URL: this.fleet?.url ?? this.redis.url };
    return (this.#eyes ??= await openProject({ cwd: PROJECT, env, connection: 'lasting' }));
  }

  /**
   * Ends everything and, unless it is to be kept, removes the folder.
   * @returns the processes that lived on though what had started them was gone
   */
  async close({ keep = false } = {}): Promise<number[]> {
    await Promise.all([...this.workers, this.server, this.#producer].map((each) => each?.kill()));
    // What lost its parent ends by itself, if all is well.
    await until(() => this.processes().length === 0, 3000);
    const left = this.processes().map(({ pid }) => pid);
    for (const pid of left) signalProcess(pid, 'SIGKILL');
    await this.#eyes?.close();
    await this.proxy?.close();
    await this.redis.kill();
    await this.fleet?.kill();
    this.#restore?.();
    if (!keep) fs.rmSync(this.folder, { recursive: true, force: true });
    return left;
  }

  #read(name: string): string {
    return fs.readFileSync(path.join(this.folder, name), 'utf8');
  }

  /** What a worker and the producer see; by its first variable they are known as ours. */
  #environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(([name]) => /^(PATH|HOME|TMPDIR|LANG|USER)$/.test(name));
    return {
      FAULTS_FOLDER: this.folder,
      ...Object.fromEntries(inherited),
      ...this.#options.env,
      JQ_REDIS_URL: this.fleet?.url ?? this.proxy.url,
    };
  }
}
