/**
 * Dead letters at scale, from a shell: `npm run bench:dlq`. Fills a Redis of its own with a million waiting, 100,000
 * delayed and 100,000 dead jobs, as plain BullMQ leaves them, and measures the commands against their targets. Wall time
 * counts; the CPU time beside it tells what of that was this machine being busy with other things.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { fill, QUEUES } from './dead-letters/fill.ts';
import { retryAll } from './dead-letters/retry-all.ts';
import { lookAway, readSlowCommands, startCounting, watchCommands } from './dead-letters/slow-commands.ts';
import { type Bench, runBench } from './helpers/bench.ts';
import type { Row } from './helpers/row.ts';
import { PROGRAM, redisCpuMs, startServer } from './helpers/server.ts';
import { medianOf, quantileOf } from './helpers/statistics.ts';

interface Run {
  wallMs: number;
  cpuMs: number;
  redisMs: number;
  peakMb: number;
  stdout: string;
}

/** As many queues as those of {@link QUEUES}, for what ours is held against. */
const OTHERS = QUEUES.map((queue) => `bare-${queue}`);
/** What else changes many jobs: looked at for how long it holds Redis at a time. */
const CHANGES = [
  ['dlq', 'remove', '--type', 'report'],
  ['dlq', 'replay', '--queue', 'q0', '--set', 'seen=true', '--allow-unknown'],
  ['jobs', 'retry', '--queue', 'q1'],
  ['jobs', 'promote', '--queue', 'q2'],
  ['jobs', 'remove', '--where', 'queue:q3 state:waiting payload.to:user1000*'],
  ['queues', 'drain', 'q4', '--delayed'],
  ['queues', 'clean', 'q5', '--state', 'failed', '--older', '1s'],
];

const USAGE = path.resolve(import.meta.dirname, 'dead-letters/usage.cjs');

export const deadLetters: Bench<{
  waiting: number;
  delayed: number;
  dead: number;
  kills: number;
  rounds: number;
  'append-only': number;
}> = {
  name: 'dlq',
  full: { waiting: 1_000_000, delayed: 100_000, dead: 100_000, kills: 10, rounds: 5, 'append-only': 1 },
  short: { waiting: 2000, delayed: 1000, dead: 1000, kills: 0, rounds: 1, 'append-only': 1 },
  async measure({ kills, rounds, 'append-only': appendOnly, ...amounts }) {
    const { folder, env, client, socket, stop } = await startServer(appendOnly === 1);
    const rows: Row[] = [];
    function report(figure: string, value: number, unit: string, target: number, cost?: Run): void {
      rows.push({ figure, unit, ours: [value], target: { atMost: target } });
      if (cost)
        rows.push({ figure: `${figure}: processor time, with Redis`, unit: 'ms', ours: [cost.cpuMs + cost.redisMs] });
    }
    function start(args: readonly string[]): ChildProcess {
      return spawn(process.execPath, [PROGRAM, ...args], {
        cwd: folder,
        env: { ...env, NODE_OPTIONS: `--require=${USAGE}` },
        stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      });
    }

    async function run(args: readonly string[]): Promise<Run> {
      const redisBefore = await redisCpuMs(client);
      const began = performance.now();
      const child = start([...args, '--quiet']);
      const closed = once(child, 'close');
      const [stdout, usage] = await Promise.all([text(child.stdout!), text(child.stdio[3] as Readable)]);
      const [code] = (await closed) as [number];
      const wallMs = performance.now() - began;
      if (code !== 0) throw new Error(`jq ${args.join(' ')} ended with ${code}`);
      return {
        wallMs,
        redisMs: (await redisCpuMs(client)) - redisBefore,
        stdout,
        ...(JSON.parse(usage) as Pick<Run, 'cpuMs' | 'peakMb'>),
      };
    }

    /** Replays by type and takes it back, by turns with what BullMQ has, on as many dead letters of other queues. */
    async function replayAndBack(): Promise<void> {
      const meant = Math.round(amounts.dead * 0.9);
      const share = meant.toLocaleString('en-US');
      const [replays, undos, bare]: [Run[], Run[], number[]] = [[], [], []];
      for (let round = 0; round < rounds; round += 1) {
        const replay = await run(['dlq', 'replay', '--type', 'send-email', '--yes', '--json']);
        const { batch } = JSON.parse(replay.stdout) as { batch: string };
        const undo = await run(['dlq', 'replay', '--undo', batch, '--yes', '--json']);
        if ((JSON.parse(undo.stdout) as { undone: number }).undone !== meant) throw new Error(undo.stdout);
        replays.push(replay);
        undos.push(undo);
        await lookAway(client);
        await fill(client, { waiting: 0, delayed: 0, dead: amounts.dead }, 0, OTHERS);
        bare.push((await retryAll(socket, OTHERS)) * 0.9);
        await removeWaiting(OTHERS);
        await watchCommands(client);
      }
      const seconds = replays.map(({ wallMs }) => wallMs / 1000);
      const cost = (runs: readonly Run[]) => runs.map(({ cpuMs, redisMs }) => cpuMs + redisMs);
      const name = `replay of ${share}, by type`;
      rows.push({ figure: name, unit: 's', ours: seconds, target: { atMost: 2 } });
      const retry = { name: "BullMQ's retryJobs of as many, unfiltered", values: bare };
      rows.push({ figure: `${name}, with the start of jq`, unit: 's', ours: seconds, bare: retry });
      rows.push({ figure: `${name}: processor time, with Redis`, unit: 'ms', ours: cost(replays) });
      const among = `undo of it, among ${amounts.waiting.toLocaleString('en-US')} that wait`;
      rows.push({ figure: among, unit: 's', ours: undos.map(({ wallMs }) => wallMs / 1000), target: { atMost: 10 } });
      rows.push({ figure: `${among}: processor time, with Redis`, unit: 'ms', ours: cost(undos) });
    }

    async function removeWaiting(queues: readonly string[]): Promise<void> {
      for (const queue of queues) {
        const ids = await client.lrange(`bull:${queue}:wait`, 0, -1);
        while (ids.length > 0) await client.unlink(ids.splice(0, 1000).map((id) => `bull:${queue}:${id}`));
        await client.unlink(`bull:${queue}:wait`);
      }
    }

    async function reportCommands(): Promise<void> {
      const { ours, counting } = await readSlowCommands(client);
      const slowest = ours.toSorted((a, b) => b.ms - a.ms)[0];
      const times = ours.map(({ ms }) => ms);
      const counts = counting.map(({ ms }) => ms);
      const add = (figure: string, value: number, target?: number): void =>
        void rows.push({ figure, unit: 'ms', ours: [value], ...(target && { target: { atMost: target } }) });
      const many = times.length.toLocaleString('en-US');
      add(`commands of ours above 1 ms, ${many}: half of them within`, medianOf([...times, 0]));
      add('of these 99 in 100 within', quantileOf([...times, 0], 0.99));
      add(`the slowest command of ours (${slowest?.name ?? 'none'})`, slowest?.ms ?? 0, 20);
      add('a script that only counts, meanwhile: half of them within', medianOf([...counts, 0]));
      add('a script that only counts, meanwhile: the slowest', Math.max(0, ...counts));
    }

    /** The dead letters of type `send-email` that are left. */
    const countDead = async (): Promise<number> => {
      const counts = await Promise.all(QUEUES.map((queue) => client.zcard(`bull:${queue}:failed`)));
      return counts.reduce((sum, count) => sum + count, 0);
    };

    /** Replays 90 of 100 and is killed again and again; then to the end. @returns how many jobs were not moved exactly once */
    async function killAndGoOn(kills: number): Promise<{ wrong: number; killed: number }> {
      const queueIds = await Promise.all(QUEUES.map((queue) => client.zrange(`bull:${queue}:failed`, '0', '-1')));
      const waitingBefore = new Map(
        await Promise.all(QUEUES.map(async (queue) => [queue, await client.llen(`bull:${queue}:wait`)] as const)),
      );
      const step = Math.floor((amounts.dead * 0.9) / (kills + 2));
      let killed = 0;
      for (let round = 0; round < kills; round += 1) {
        const before = await countDead();
        const child = start(['dlq', 'replay', '--type', 'send-email', '--yes', '--quiet']);
        child.stdout!.resume();
        const closed = once(child, 'close');
        while (child.exitCode === null && before - (await countDead()) < step / 2)
          await new Promise((resolve) => setTimeout(resolve, 1));
        if (child.kill('SIGKILL')) killed += 1;
        await closed;
      }
      await run(['dlq', 'replay', '--type', 'send-email', '--yes']);
      let wrong = 0;
      for (const [index, queue] of QUEUES.entries()) {
        const ids = queueIds[index]!;
        const fresh = (await client.llen(`bull:${queue}:wait`)) - waitingBefore.get(queue)!;
        const listed = new Map<string, number>();
        for (const id of await client.lrange(`bull:${queue}:wait`, 0, fresh - 1))
          listed.set(id, (listed.get(id) ?? 0) + 1);
        const replies = (await client
          .pipeline(ids.map((id) => ['hmget', `bull:${queue}:${id}`, 'name', 'jq:replayed']))
          .exec())!;
        for (const [place, id] of ids.entries()) {
          const [name, replayed] = replies[place]![1] as [string, string | null];
          const times = name === 'send-email' ? 1 : 0;
          if (Number.parseInt(replayed ?? '0', 10) !== times || (listed.get(id) ?? 0) !== times) wrong += 1;
        }
      }
      return { wrong, killed };
    }

    try {
      await fill(client, amounts);
      await client.slowlog('RESET');
      await watchCommands(client);

      const first = await run(['dlq', 'list']);
      report('the first page, nothing known of this Redis', first.wallMs, 'ms', 300, first);
      const pages = [];
      for (let round = 0; round < 5; round += 1) pages.push(await run(['dlq', 'list']));
      const page = pages.toSorted((a, b) => a.wallMs - b.wallMs)[2]!;
      report('a page, median of 5', page.wallMs, 'ms', 300, page);
      report('its memory', Math.max(first.peakMb, ...pages.map(({ peakMb }) => peakMb)), 'MB', 150);
      const groups = await run(['dlq', 'groups', '--json']);
      report(`${amounts.dead.toLocaleString('en-US')} in groups`, groups.wallMs / 1000, 's', 3, groups);
      await replayAndBack();

      const counting = startCounting(client);
      const archive = path.join(folder, 'dead.jsonl.gz');
      const archived = await run(['dlq', 'archive', '--type', 'report', '--to', archive, '--yes']);
      report(
        `archive of ${Number(archived.stdout).toLocaleString('en-US')}, compressed`,
        archived.wallMs / 1000,
        's',
        5,
        archived,
      );
      const imported = await run(['dlq', 'import', archive, '--yes']);
      report('import of them', imported.wallMs / 1000, 's', 5, imported);

      for (const change of CHANGES) await run([...change, '--yes']);
      counting.stop();
      await reportCommands();

      await client.del(...QUEUES.map((queue) => `bull:${queue}:failed`));
      await fill(client, { waiting: 0, delayed: 0, dead: amounts.dead }, 1);
      const { wrong, killed } = await killAndGoOn(kills);
      report(`jobs not moved exactly once, ${killed} times kill -9`, wrong, '', 0);
      return rows;
    } finally {
      await stop();
    }
  },
};

await runBench(deadLetters, import.meta.main);
