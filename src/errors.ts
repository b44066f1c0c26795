/** Every error that the program expects: one row each, the single home of its exit code and HTTP status. */
export const ERRORS = {
  USAGE: { exitCode: 2, httpStatus: 400, meaning: 'the call itself is wrong: a flag, an argument, a value' },
  INVALID_JSON: { exitCode: 2, httpStatus: 400, meaning: 'a text is not JSON; line and column say where' },
  INVALID_PAYLOAD: { exitCode: 2, httpStatus: 422, meaning: "the payload was refused by the handler's schema" },
  UNKNOWN_TYPE: { exitCode: 5, httpStatus: 400, meaning: 'no handler has this type' },
  UNKNOWN_QUEUE: { exitCode: 5, httpStatus: 404, meaning: 'there is no such queue' },
  API_KEY_NOT_FOUND: { exitCode: 5, httpStatus: 404, meaning: 'there is no API key with this name or id' },
  JOB_NOT_FOUND: { exitCode: 5, httpStatus: 404, meaning: 'there is no job with this id' },
  BATCH_NOT_FOUND: { exitCode: 5, httpStatus: 404, meaning: 'there is no replay with this name' },
  WORKER_NOT_FOUND: { exitCode: 5, httpStatus: 404, meaning: 'there is no worker with this id' },
  SCHEDULE_NOT_FOUND: { exitCode: 5, httpStatus: 404, meaning: 'the queue has no schedule with this id' },
  ROUTE_NOT_FOUND: { exitCode: 5, httpStatus: 404, meaning: 'there is no such HTTP route' },
  FORBIDDEN: { exitCode: 1, httpStatus: 403, meaning: 'the caller may not do this' },
  JOB_STATE: { exitCode: 1, httpStatus: 409, meaning: 'the job is not in a state that allows this' },
  JOB_FAILED: { exitCode: 1, httpStatus: 409, meaning: 'the job that was waited for is dead' },
  KEY_REUSED: { exitCode: 1, httpStatus: 422, meaning: 'the idempotency key was used before for another job' },
  QUEUE_FULL: { exitCode: 1, httpStatus: 429, meaning: 'the queue holds as many jobs as `maxDepth` allows' },
  BODY_TOO_LARGE: { exitCode: 1, httpStatus: 413, meaning: 'the request body is larger than `server.bodyLimit`' },
  UNSUPPORTED_MEDIA: { exitCode: 1, httpStatus: 415, meaning: 'the request body is not `application/json`' },
  INVALID_CONFIG: { exitCode: 2, httpStatus: 500, meaning: 'the configuration is wrong: file, key, expected, got' },
  HANDLER_BROKEN: { exitCode: 1, httpStatus: 500, meaning: 'a handler file cannot be loaded' },
  REDIS_UNREACHABLE: { exitCode: 4, httpStatus: 503, meaning: 'Redis does not answer' },
  REDIS_REFUSED: { exitCode: 4, httpStatus: 503, meaning: 'Redis answers, but is not fit or says no' },
  NO_REDIS: { exitCode: 4, httpStatus: 503, meaning: 'no Redis is configured and none can be started' },
  CONFIRMATION_NEEDED: { exitCode: 2, httpStatus: 400, meaning: 'a destructive command off a terminal lacks `--yes`' },
  DECLINED: { exitCode: 1, httpStatus: 400, meaning: 'the question was answered with no' },
  NOT_READY: { exitCode: 1, httpStatus: 503, meaning: '`jq serve` cannot take jobs, or does not answer' },
  FAILED: { exitCode: 1, httpStatus: 500, meaning: 'it did not work; the message says why' },
  PARTLY_DONE: { exitCode: 3, httpStatus: 500, meaning: 'some of it was done, some was not' },
  TIMED_OUT: { exitCode: 124, httpStatus: 504, meaning: 'it took longer than allowed' },
  UNSAFE_BIND: { exitCode: 78, httpStatus: 500, meaning: 'the server would listen beyond this machine without keys' },
} as const satisfies Record<string, { exitCode: number; httpStatus: number; meaning: string }>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorExtras {
  /** What to do next, printed on a line of its own. */
  hint?: string | undefined;
  /** Machine-readable particulars, e.g. the fields that a schema refused. */
  details?: unknown;
  cause?: unknown;
}

/**
 * An expected error. Its message says what was expected, what was got and where it came from; it is printed
 * without a stack. `exitCode` and `httpStatus` come from {@link ERRORS}.
 */
export class JobQueueError extends Error {
  override readonly name = 'JobQueueError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, extras: ErrorExtras = {}) {
    super(message, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.code = code;
    this.hint = extras.hint;
    this.details = extras.details;
  }

  get exitCode(): number {
    return ERRORS[this.code].exitCode;
  }

  get httpStatus(): number {
    return ERRORS[this.code].httpStatus;
  }

  /** The error as data: the body of an HTTP answer, and what `--json` prints on stderr. */
  toJSON(): { code: ErrorCode; message: string; hint?: string; details?: unknown } {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}

/** The message of anything that was thrown, which need not be an Error; with that of its cause, which often says more. */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? thrown : textOf(thrown);
  const messages: string[] = [];
  // An error can be its own cause.
  const seen = new Set<unknown>();
  for (let error: unknown = thrown; error instanceof Error && !seen.has(error); error = error.cause) {
    seen.add(error);
    messages.push(error.message || (error as NodeJS.ErrnoException).code || error.name);
  }
  return messages.reduceRight((cause, message) => (message.includes(cause) ? message : `${message}: ${cause}`));
}

function textOf(thrown: unknown): string {
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return typeof thrown === 'bigint' ? String(thrown) : Object.prototype.toString.call(thrown);
  }
}

/** Anything thrown as an Error, so that it has a name, a message and a stack. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown));
}
