/**
 * The types of the module `jobqueue`, which exists only inside this program, for the user's editor and compiler: `jq init`
 * writes them into a project that has nothing installed. They say what src/index.ts says, in one file that needs no other;
 * a test compares the two with the compiler, both ways.
 */
export const DECLARATIONS = `// The types of jobqueue, written by jq init.

declare module 'jobqueue' {
  /** A length of time: '250ms', '5s', '10m', '24h', '7d', or a number of milliseconds. */
  export type Duration = number | \`\${number}\${'ms' | 's' | 'm' | 'h' | 'd' | 'w'}\`;
  type Size = number | \`\${number}\${'b' | 'kb' | 'mb' | 'gb'}\`;

  /** What jobqueue.config.ts may hold. Everything is optional; jq help config explains it. */
  export interface ConfigInput {
    handlers?: string;
    redis?: {
      url?: string;
      passwordFile?: string;
      sentinelPasswordFile?: string;
      tls?: { caFile?: string; certFile?: string; keyFile?: string; serverName?: string };
      minReplicas?: number;
      prefix?: string;
      allowEviction?: boolean;
    };
    queues?: {
      [name: string]: {
        concurrency?: number;
        rateLimit?: { max?: number; per?: Duration };
        maxDepth?: number;
      };
    };
    defaults?: {
      attempts?: number;
      backoff?: { type?: 'exponential' | 'fixed'; delay?: Duration; jitter?: number };
      timeout?: Duration;
      keepCompleted?: { age?: Duration; count?: number };
    };
    work?: {
      concurrency?: number;
      processes?: number;
      queues?: readonly string[];
      grace?: Duration;
      passEnv?: readonly string[];
    };
    server?: {
      host?: string;
      port?: number;
      bodyLimit?: Size;
      maxConnections?: number;
      allowedHosts?: readonly string[];
      trustProxy?: readonly string[];
      cors?: { origins?: readonly string[] };
      rateLimit?: { max?: number; per?: Duration };
      shedAt?: number;
    };
    log?: { level?: 'debug' | 'info' | 'warn' | 'error' | 'silent' };
  }

  /** Types the configuration; it returns what it is given. */
  export const defineConfig: (config: ConfigInput) => ConfigInput;

  /** How long to wait before the next attempt: the delay itself, or doubled with every attempt ('exponential'). */
  export interface Backoff {
    type: 'exponential' | 'fixed';
    delay: Duration;
    /** Part of the wait that is random, 0 to 1. */
    jitter?: number;
  }

  /** What can be said of one job when it is enqueued. Left out, the handler's and then the configuration's values hold. */
  export interface JobOptions {
    queue?: string;
    /** Start no sooner than after this time. Not together with at. */
    delay?: Duration;
    /** Start no sooner than this: a Date, an RFC 3339 text, or epoch milliseconds. */
    at?: Date | string | number;
    /** 1 (first) to 2,097,151 (last); jobs without one come before all that have one. */
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
    /** While a job with this key waits or runs (or for ttl), another one is not added: the first one's id comes back. */
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

  /** Log lines with the job's ids. They go to the worker's log and are kept with the job (jq jobs logs ID). */
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

  /** What once hands to its function. */
  export interface OnceStep {
    /** The same text in every attempt: give it to outside systems as their idempotency key. */
    readonly key: string;
    /** Rises with every start of the job: an outside store can refuse writes with an older one. */
    readonly fence: number;
    /** True when an earlier attempt began this step and its end is not known. */
    readonly uncertain: boolean;
  }

  /** The second argument of a handler. */
  export interface HandlerContext {
    readonly job: JobInfo;
    readonly log: JobLog;
    /** Aborts at the timeout, when the worker stops, when the job is cancelled or its lock is lost. Hand it on to what you call. */
    readonly signal: AbortSignal;
    /** Reports progress: a percentage from 0 to 100. */
    progress(percent: number): Promise<void>;
    /**
     * Runs fn and records its result under the job and step. Every later attempt gets the recorded result and does not
     * run fn. The result must be JSON of at most 64 KiB.
     */
    once<Result>(step: string, fn: (step: OnceStep) => Result | Promise<Result>): Promise<Result>;
    /** Adds another job; resolves to its id. */
    enqueue(type: string, payload?: unknown, options?: JobOptions): Promise<string>;
  }

  type Run<Payload, Result = unknown> = (payload: Payload, context: HandlerContext) => Result | Promise<Result>;

  /** The facts about a handler that are not its code: defaults for its jobs. */
  export interface HandlerOptions extends Pick<JobOptions, 'queue' | 'priority' | 'attempts' | 'backoff' | 'timeout' | 'expiresIn'> {
    /** What the job is for, in a line. */
    description?: string;
  }

  /** What a handler file exports by default. */
  export interface Handler<Payload = unknown, Result = unknown> extends HandlerOptions {
    /** Checks, and may convert, the payload: any Standard Schema (zod, valibot, arktype, …). */
    input?: StandardSchema<unknown, Payload>;
    run: Run<Payload, Result>;
  }

  /** Types a handler; it returns what it is given. The payload's type comes from input. */
  export function defineHandler<Schema extends StandardSchema, Result>(
    handler: HandlerOptions & { input: Schema; run: Run<OutputOf<Schema>, Result> },
  ): Handler<OutputOf<Schema>, Result>;
  export function defineHandler<Payload = unknown, Result = unknown>(
    handler: HandlerOptions & { run: Run<Payload, Result> },
  ): Handler<Payload, Result>;

  /** Thrown by a handler: this job will never work. It is dead at once, whatever attempts are left. */
  export class Discard extends Error {
    readonly name = 'Discard';
  }

  /** Thrown by a handler: not now. The job runs again after delay, and this attempt does not count. */
  export class Snooze extends Error {
    readonly name = 'Snooze';
    readonly delayMs: number;
    constructor(delay: Duration);
  }

  /** See https://standardschema.dev */
  interface StandardSchema<Input = unknown, Output = Input> {
    readonly '~standard': {
      readonly version: 1;
      readonly vendor: string;
      readonly validate: (
        value: unknown,
        options?: { readonly libraryOptions?: Record<string, unknown> | undefined },
      ) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
      readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    };
  }
  type SchemaResult<Output> =
    | { readonly value: Output; readonly issues?: undefined }
    | {
        readonly issues: readonly {
          readonly message: string;
          readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
        }[];
      };
  type OutputOf<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['output'];
  export {};
}
`;
