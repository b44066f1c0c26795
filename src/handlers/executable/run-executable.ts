import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { messageOf } from '../../errors.ts';
import { monotonicMs, sleep } from '../../lib/clock.ts';
import { fulfilsWithin } from '../../lib/fulfils-within.ts';
import type { HandlerContext } from '../define-handler.ts';
import { ABORT_GRACE_MS, Snooze } from '../outcomes.ts';
import { describeJob, type Surroundings } from './environment.ts';
import { killMarked, MARK, markRun, scratchFolder } from './marked-processes.ts';
import { collectOutput, resultOf } from './outcome.ts';
import { openPipes, type ProgramPipes } from './pipes.ts';
import { createProgramLog } from './program-log.ts';
import { assertRunnable, explainStartError, isShortage } from './start-error.ts';

/** The rest of the time is for killing: when the attempt is over, all of the program is. */
const KILL_AFTER_MS = ABORT_GRACE_MS - 250;
const LOOK_EVERY_MS = 20;
/** What is in the pipes when a program has ended is read at once; longer they are open only in a daemon's hands. */
const LAST_OUTPUT_MS = 500;
const SHORTAGE_PAUSE = '5s';

/**
 * Runs an executable for one attempt: the payload is its stdin, the JSON on its stdout the result, its stderr the log. It
 * leads a process group of its own. When it ends, that group ends; when the signal aborts, all that it ever started ends.
 * @throws Discard, Snooze, or the Error that the attempt failed with
 */
export async function runExecutable(
  file: string,
  surroundings: Surroundings,
  payload: unknown,
  context: HandlerContext,
): Promise<unknown> {
  const { signal } = context;
  const { run, pipes } = await prepare(surroundings, payload, context);
  const child = await start(file, surroundings, { run, pipes, context });
  let stopped: Promise<void> | undefined;
  const stop = (): void => void (stopped ??= stopGroup(child.pid!));
  const stdout = collectOutput(pipes.stdout, stop);
  const log = createProgramLog(context);
  pipes.stderr.setEncoding('utf8').on('data', log.write);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();

  const [code, endedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  signal.removeEventListener('abort', stop);
  if (stopped) {
    await stopped;
    await killMarked(run, surroundings.env);
  } else signalGroup(child.pid!, 'SIGKILL');
  await fulfilsWithin(pipes.closed, LAST_OUTPUT_MS);
  pipes.close();
  await log.end();
  try {
    return resultOf({ code, signal: endedBy, stdout: stdout(), lastLines: log.lastLines });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

interface Preparation {
  run: string;
  pipes: ProgramPipes;
}

async function prepare({ env }: Surroundings, payload: unknown, context: HandlerContext): Promise<Preparation> {
  try {
    const run = markRun(env);
    return { run, pipes: await openPipes(`${JSON.stringify(payload ?? null)}\n`, scratchFolder(run)) };
  } catch (error) {
    throw putOff(error, context);
  }
}

async function start(
  file: string,
  { folder, env }: Surroundings,
  { run, pipes, context }: Preparation & { context: HandlerContext },
): Promise<ChildProcess> {
  try {
    await assertRunnable(file);
    const child = spawn(file, {
      cwd: folder,
      env: { ...env, ...describeJob(context.job), [MARK]: run },
      detached: true,
      stdio: [...pipes.descriptors],
    });
    // Some failures are thrown, others told.
    if (child.pid === undefined) throw (await once(child, 'error'))[0];
    return child;
  } catch (error) {
    pipes.close();
    throw isShortage(error) ? putOff(error, context) : await explainStartError(error, file, folder);
  } finally {
    pipes.handOver();
  }
}

/** The machine is at fault, not the job. */
function putOff(error: unknown, { log }: HandlerContext): Snooze {
  log.error(`It could not be started and waits ${SHORTAGE_PAUSE}: ${messageOf(error)}`);
  return new Snooze(SHORTAGE_PAUSE);
}

/** Asks a process group to end; what has not after a while is killed. */
async function stopGroup(leader: number): Promise<void> {
  const deadline = monotonicMs() + KILL_AFTER_MS;
  signalGroup(leader, 'SIGTERM');
  while (signalGroup(leader, 0) && monotonicMs() < deadline) await sleep(LOOK_EVERY_MS);
  signalGroup(leader, 'SIGKILL');
}

/** @returns whether there was anybody to get it */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal);
  } catch {
    return false;
  }
}
