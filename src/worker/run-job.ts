import type { Logger } from 'pino';
import type { AttemptEnd, Delivery } from '../broker/consumer.ts';
import { expireSteps } from '../broker/once.ts';
import { JobQueueError, messageOf, toError } from '../errors.ts';
import type { LoadedHandler } from '../handlers/catalog.ts';
import { Discard, isDiscard, isSnooze } from '../handlers/outcomes.ts';
import { validatePayload } from '../handlers/validate-payload.ts';
import { renderAttempt } from '../jobs/attempt-history.ts';
import type { Project } from '../jobs/project.ts';
import { monotonicMs, now, uptimeMs } from '../lib/clock.ts';
import { renderApproximateDuration, renderDuration } from '../lib/duration.ts';
import { followSignals } from '../lib/follow-signals.ts';
import { createHandlerContext } from './handler-context.ts';
import { isRedisTrouble } from './redis-trouble.ts';
import { createJobLog } from './job-log.ts';

/** Time that a handler has to end after its signal aborted. */
const ABORT_GRACE_MS = 1000;
const REDIS_PAUSE_MS = 1000;
const FIRST_PATIENCE_MS = 5000;
const LONGEST_PATIENCE_MS = 300_000;

/** Why a running attempt is to end before its time. */
export class Interruption extends Error {
  override readonly name = 'AbortError';
}

export interface JobRun {
  project: Project;
  /** `host/pid` of this worker. */
  worker: string;
  /** The worker's log. */
  log: Logger;
  /** Told until when (uptime in ms) the attempt may last; who is told can end a process that does not let go. */
  setDeadline?: ((delivery: Delivery, uptime: number) => void) | undefined;
  /** Aborts, with an {@link Interruption}, when the worker stops and its grace is over. */
  stopping: AbortSignal;
}

/**
 * Runs one attempt of one job: its payload is checked, its context built, its time limited. It never throws: whatever
 * the handler does is an {@link AttemptEnd}.
 */
export async function runJob(run: JobRun, delivery: Delivery): Promise<AttemptEnd> {
  const { project, stopping } = run;
  const log = run.log.child({
    job: delivery.id,
    type: delivery.type,
    queue: delivery.queue,
    attempt: delivery.attempt,
  });
  const startedAt = new Date(now());
  const began = monotonicMs();
  const durationMs = () => monotonicMs() - began;

  const fail = (thrown: unknown, final: boolean): AttemptEnd => {
    const error = toError(thrown);
    const stack = error.stack?.includes(error.message) ? error.stack : `${error.name}: ${error.message}`;
    const facts = {
      attempt: delivery.attempt,
      maxAttempts: delivery.maxAttempts,
      startedAt,
      worker: run.worker,
      durationMs: durationMs(),
    };
    log.warn(
      {
        ms: Math.round(facts.durationMs),
        error: error.message,
        dead: final || delivery.attempt >= delivery.maxAttempts,
      },
      'attempt failed',
    );
    return { kind: 'failed', message: messageOf(error), stack: renderAttempt(facts, stack), final };
  };

  if (delivery.fence === 1 && delivery.extras.expiresAt !== undefined && now() > delivery.extras.expiresAt) {
    return fail(new Error(`Expired: not started by ${new Date(delivery.extras.expiresAt).toISOString()}`), true);
  }
  let handler: LoadedHandler;
  try {
    handler = await project.handlers.get(delivery.type);
  } catch (error) {
    // The worker is at fault, not the job: another worker, or the next deploy of this one, may know the type.
    const delayMs = Math.min(FIRST_PATIENCE_MS * 2 ** Math.min(delivery.fence - 1, 10), LONGEST_PATIENCE_MS);
    log.error(`${messageOf(error)}; the job waits ${renderDuration(delayMs)} for a worker that can run it`);
    return { kind: 'postponed', delayMs };
  }

  const timeoutMs = delivery.extras.timeoutMs ?? project.config.values.defaults.timeout;
  const timeout = new AbortController();
  // Node's timers hold 31 bits.
  const timer = setTimeout(() => timeout.abort(timedOut(timeoutMs)), Math.min(timeoutMs, 2 ** 31 - 1));
  run.setDeadline?.(delivery, uptimeMs() + timeoutMs);
  const { signal, release } = followSignals([timeout.signal, stopping, delivery.lockLost]);
  let usedOnce = false;
  const jobLog = createJobLog(delivery, log);
  const context = createHandlerContext(project, delivery, { log: jobLog, signal, onOnce: () => (usedOnce = true) });

  log.debug('started');
  try {
    const late = overdue(signal);
    // A schema may take its time too.
    const payload = await Promise.race([checkPayload(handler, delivery), late]);
    const result = await Promise.race([handler.run(payload, context), late]);
    assertStorable(result);
    log.info({ ms: Math.round(durationMs()) }, 'completed');
    if (usedOnce) forgetSteps(project, delivery, log);
    return { kind: 'completed', result: result === undefined ? null : result };
  } catch (error) {
    if (delivery.lockLost.aborted) {
      log.warn('the lock was lost: the job may run elsewhere');
      return { kind: 'lost' };
    }
    if (stopping.aborted) {
      log.warn('put back: the worker stops');
      return { kind: 'returned' };
    }
    if (isRedisTrouble(error) && !timeout.signal.aborted) {
      log.warn(`${messageOf(error)}; the job waits`);
      return { kind: 'postponed', delayMs: REDIS_PAUSE_MS };
    }
    if (isSnooze(error)) {
      log.info({ ms: Math.round(durationMs()) }, `snoozed for ${renderDuration(error.delayMs)}`);
      return { kind: 'postponed', delayMs: error.delayMs };
    }
    // The timeout is the reason, whatever the handler made of its signal.
    return fail(timeout.signal.aborted ? timeout.signal.reason : error, isDiscard(error));
  } finally {
    clearTimeout(timer);
    release();
    await jobLog.flushed();
  }
}

/** The payload as the handler wants it. @throws Discard for one that its schema refuses */
async function checkPayload({ input }: LoadedHandler, { type, payload }: Delivery): Promise<unknown> {
  try {
    return input ? await validatePayload(type, input, payload) : payload;
  } catch (error) {
    throw error instanceof JobQueueError ? new Discard(error.message, { cause: error }) : error;
  }
}

/** Found out here, and not when it is stored, so that the attempt has its line of history. @throws TypeError */
function assertStorable(result: unknown): void {
  try {
    JSON.stringify(result);
  } catch (error) {
    throw new TypeError(`Expected the result to be JSON: ${messageOf(error).split('\n')[0]}`, { cause: error });
  }
}

const timedOut = (timeoutMs: number): Error =>
  new Interruption(`Timed out after ${renderApproximateDuration(timeoutMs)}`);

/** What `once` recorded goes when the completed job goes. That it is not cleared away is no reason to run the job again. */
function forgetSteps({ broker, config }: Project, { queue, id }: Delivery, log: Logger): void {
  expireSteps(broker, queue, id, config.values.defaults.keepCompleted.age).catch((error: unknown) => {
    log.debug({ err: error }, 'the recorded steps stay for their full time');
  });
}

/** Rejects a while after the signal aborted: by then the attempt is over, whether the handler has noticed or not. */
function overdue(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const give = (): void => void setTimeout(() => reject(signal.reason as Error), ABORT_GRACE_MS).unref();
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}
