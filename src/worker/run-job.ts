import type { Logger } from 'pino';
import type { AttemptEnd, Delivery } from '../broker/consumer/consumer.ts';
import { Interruption } from '../broker/interruption.ts';
import { expireSteps } from '../broker/once.ts';
import { JobQueueError, messageOf, toError } from '../errors.ts';
import type { LoadedHandler } from '../handlers/catalog.ts';
import type { HandlerContext } from '../handlers/define-handler.ts';
import { ABORT_GRACE_MS, Discard, isDiscard, isSnooze } from '../handlers/outcomes.ts';
import { validatePayload } from '../handlers/validate-payload.ts';
import { renderAttempt } from '../jobs/attempt-history.ts';
import type { Project } from '../jobs/project.ts';
import { monotonicMs, now, uptimeMs } from '../lib/clock.ts';
import { renderApproximateDuration, renderDuration } from '../lib/duration.ts';
import { isoTime } from '../lib/time.ts';
import { AttemptContext } from './handler-context.ts';
import { Fenced } from './once.ts';
import { isRedisTrouble } from './redis-trouble.ts';

const REDIS_PAUSE_MS = 1000;
const FIRST_PATIENCE_MS = 5000;
const LONGEST_PATIENCE_MS = 300_000;
/** Node's timers hold 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface JobRun {
  project: Project;
  /** `host/pid` of this worker. */
  worker: string;
  /** The worker's log. */
  log: Logger;
}

/** One attempt of one job, and when it began. */
interface Attempt {
  run: JobRun;
  delivery: Delivery;
  startedAt: number;
  /** On the clock that never steps. */
  began: number;
}

/**
 * Runs one attempt of one job: its payload is checked, its context built, its time limited. It never throws: whatever
 * the handler does is an {@link AttemptEnd}.
 */
export async function runJob(run: JobRun, delivery: Delivery): Promise<AttemptEnd> {
  const { project, log } = run;
  const { interruption, extras } = delivery;
  const attempt: Attempt = { run, delivery, startedAt: project.broker.clock.now(), began: monotonicMs() };

  const { expiresAt } = extras;
  if (delivery.fence === 1 && expiresAt !== undefined && attempt.startedAt > expiresAt) {
    return fail(attempt, new Error(`Expired: not started by ${new Date(expiresAt).toISOString()}`), true);
  }
  let handler: LoadedHandler;
  try {
    handler = await project.handlers.get(delivery.type);
  } catch (error) {
    // The worker is at fault, not the job: another worker, or the next deploy of this one, may know the type.
    const delayMs = Math.min(FIRST_PATIENCE_MS * 2 ** Math.min(delivery.fence - 1, 10), LONGEST_PATIENCE_MS);
    log.error(
      who(delivery),
      `${messageOf(error)}; the job waits ${renderDuration(delayMs)} for a worker that can run it`,
    );
    return { kind: 'postponed', delayMs };
  }

  const timeoutMs = extras.timeoutMs ?? project.config.values.defaults.timeout;
  const timer = setTimeout(timeOut, Math.min(timeoutMs, LONGEST_TIMER_MS), interruption, timeoutMs);
  delivery.setDeadline(uptimeMs() + timeoutMs);
  const context = new AttemptContext(project, delivery, () => log.child(who(delivery)));

  if (log.isLevelEnabled('debug')) log.debug(who(delivery), 'started');
  try {
    const result = await untilOverdue(perform(handler, delivery, context), interruption);
    // Also when the handler took its signal for a reason to return early: whoever cancelled it wants no result.
    if (interruption.why?.kind === 'cancelled') throw interruption.why;
    assertStorable(result);
    if (log.isLevelEnabled('info')) log.info(factsOf(attempt), 'completed');
    if (AttemptContext.usedOnce(context)) forgetSteps(project, delivery, log);
    return { kind: 'completed', result: result === undefined ? null : result };
  } catch (error) {
    switch (interruption.why?.kind) {
      case 'lost-lock':
        log.warn(who(delivery), 'the lock was lost: the job may run elsewhere');
        return { kind: 'lost' };
      case 'stopping':
        log.warn(who(delivery), 'put back: the worker stops');
        return { kind: 'returned' };
      // These are the reason, whatever the handler made of its signal.
      case 'timeout':
        return fail(attempt, interruption.why, false);
      case 'cancelled':
        return fail(attempt, interruption.why, true);
    }
    // A replica that took over may not know of this start. That is no failure of the handler either; a true ghost changes nothing.
    if (isRedisTrouble(error) || error instanceof Fenced) {
      log.warn(who(delivery), `${messageOf(error)}; the job waits`);
      return { kind: 'postponed', delayMs: REDIS_PAUSE_MS };
    }
    if (isSnooze(error)) {
      log.info(factsOf(attempt), `snoozed for ${renderDuration(error.delayMs)}`);
      // Nothing else of the job tells that it was run in between.
      await delivery
        .log(`${isoTime(now())} info snoozed for ${renderDuration(error.delayMs)}`)
        .catch((failure: unknown) => log.debug({ err: failure }, 'a log line was not kept'));
      return { kind: 'postponed', delayMs: error.delayMs };
    }
    return fail(attempt, error, isDiscard(error));
  } finally {
    clearTimeout(timer);
    const lines = AttemptContext.flushed(context);
    if (lines) await lines;
  }
}

const who = ({ id, type, queue, attempt }: Delivery) => ({ job: id, type, queue, attempt });
const factsOf = ({ delivery, began }: Attempt) => ({ ...who(delivery), ms: Math.round(monotonicMs() - began) });

function fail(attempt: Attempt, thrown: unknown, final: boolean): AttemptEnd {
  const { delivery, run } = attempt;
  const error = toError(thrown);
  const dead = final || delivery.attempt >= delivery.maxAttempts;
  run.log.warn({ ...factsOf(attempt), error: error.message, dead }, 'attempt failed');
  return { kind: 'failed', message: messageOf(error), stack: historyOf(attempt, error), final };
}

function historyOf({ run, delivery, startedAt, began }: Attempt, error: Error): string {
  const { attempt, maxAttempts } = delivery;
  const durationMs = monotonicMs() - began;
  const stack = error.stack?.includes(error.message) ? error.stack : `${error.name}: ${error.message}`;
  return renderAttempt({ attempt, maxAttempts, startedAt: new Date(startedAt), worker: run.worker, durationMs }, stack);
}

/** Checks the payload and calls the handler: a schema may take its time too. */
async function perform(handler: LoadedHandler, delivery: Delivery, context: HandlerContext): Promise<unknown> {
  return handler.run(handler.input ? await checkPayload(handler.input, delivery) : delivery.payload, context);
}

/** The payload as the handler wants it. @throws Discard for one that its schema refuses */
async function checkPayload(input: NonNullable<LoadedHandler['input']>, { type, payload }: Delivery): Promise<unknown> {
  try {
    return await validatePayload(type, input, payload);
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

const timeOut = (interruption: Delivery['interruption'], timeoutMs: number): void =>
  interruption.interrupt(new Interruption('timeout', `Timed out after ${renderApproximateDuration(timeoutMs)}`));

/** What `once` recorded goes when the completed job goes. That it is not cleared away is no reason to run the job again. */
function forgetSteps({ broker, config }: Project, { queue, id }: Delivery, log: Logger): void {
  expireSteps(broker, queue, id, config.values.defaults.keepCompleted.age).catch((error: unknown) => {
    log.debug({ err: error }, 'the recorded steps stay for their full time');
  });
}

/** The work, or a while after an interruption its reason: by then the attempt is over, whether the handler has noticed or not. */
function untilOverdue<T>(work: Promise<T>, interruption: Delivery['interruption']): Promise<T> {
  return new Promise((resolve, reject) => {
    work.then(resolve, reject);
    interruption.onInterrupt((why) => setTimeout(reject, ABORT_GRACE_MS, why).unref());
  });
}
