import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../lib/duration.ts';

/** How long to wait before the next attempt: the delay itself, or doubled with every attempt (`exponential`). */
export interface Backoff {
  type: 'exponential' | 'fixed';
  delay: Duration;
  /** Part of the wait that is random, 0 to 1. */
  jitter?: number;
}

/** What can be said of one job when it is enqueued. Left out, the handler's and then the configuration's values hold. */
export interface JobOptions {
  queue?: string;
  /** Start no sooner than after this time. Not together with `at`. */
  delay?: Duration;
  /** Start no sooner than this: a Date, an RFC 3339 text, or epoch milliseconds. */
  at?: Date | string | number;
  /** 1 (first) to 2,097,151 (last); jobs without one come before all that have one, as in BullMQ. */
  priority?: number;
  /** Times the job is tried before it is dead. */
  attempts?: number;
  backoff?: Backoff;
  /** Time that one attempt may take. */
  timeout?: Duration;
  /** A job that has not started by then is dead, not run. */
  expiresIn?: Duration;
  /** Idempotency key: the same key and job again give the same id; with another payload it is an error. */
  id?: string;
  /** While a job with this key waits or runs (or for `ttl`), another one is not added: the first one's id comes back. */
  dedupe?: string | { key: string; ttl?: Duration };
}

/** What a handler knows about the job that it runs. */
export interface JobInfo {
  readonly id: string;
  readonly type: string;
  readonly queue: string;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly createdAt: Date;
  /** Rises with every start of the job: an outside store can refuse writes with an older one. */
  readonly fence: number;
}

/** Log lines with the job's ids. They go to the worker's log and are kept with the job (`jq jobs logs ID`). */
export interface JobLog {
  debug(message: string): void;
  debug(fields: object, message: string): void;
  info(message: string): void;
  info(fields: object, message: string): void;
  warn(message: string): void;
  warn(fields: object, message: string): void;
  error(message: string): void;
  error(fields: object, message: string): void;
}

/** What `once` hands to its function. */
export interface OnceStep {
  /** The same text in every attempt: give it to outside systems as their idempotency key. */
  readonly key: string;
  /** Rises with every start of the job: an outside store can refuse writes with an older one. */
  readonly fence: number;
  /** True when an earlier attempt began this step and its end is not known. */
  readonly uncertain: boolean;
}

/** The second argument of a handler. It is frozen. */
export interface HandlerContext {
  readonly job: JobInfo;
  readonly log: JobLog;
  /** Aborts at the timeout, when the worker stops, when the job is cancelled or its lock is lost. Hand it on to what you call. */
  readonly signal: AbortSignal;
  /** Reports progress: a percentage from 0 to 100. */
  progress(percent: number): Promise<void>;
  /**
   * Runs `fn` and records its result under the job and `step`. Every later attempt gets the recorded result and
   * does not run `fn`. The result must be JSON of at most 64 KiB.
   */
  once<Result>(step: string, fn: (step: OnceStep) => Result | Promise<Result>): Promise<Result>;
  /** Adds another job; resolves to its id. */
  enqueue(type: string, payload?: unknown, options?: JobOptions): Promise<string>;
}

export type Run<Payload, Result = unknown> = (payload: Payload, context: HandlerContext) => Result | Promise<Result>;

/** The facts about a handler that are not its code: defaults for its jobs. */
export interface HandlerOptions extends Pick<
  JobOptions,
  'queue' | 'priority' | 'attempts' | 'backoff' | 'timeout' | 'expiresIn'
> {
  /** What the job is for, in a line: shown by `jq` where types are listed. */
  description?: string;
}

/** What a handler file exports by default. */
export interface Handler<Payload = unknown, Result = unknown> extends HandlerOptions {
  /** Checks, and may convert, the payload: any Standard Schema (zod, valibot, arktype, …). */
  input?: StandardSchemaV1<unknown, Payload>;
  run: Run<Payload, Result>;
}

/** Types a handler; it returns what it is given. The payload's type comes from `input`. */
export function defineHandler<Schema extends StandardSchemaV1, Result>(
  handler: HandlerOptions & { input: Schema; run: Run<StandardSchemaV1.InferOutput<Schema>, Result> },
): Handler<StandardSchemaV1.InferOutput<Schema>, Result>;
export function defineHandler<Payload = unknown, Result = unknown>(
  handler: HandlerOptions & { run: Run<Payload, Result> },
): Handler<Payload, Result>;
export function defineHandler(handler: Handler): Handler {
  return handler;
}
