/** Errors that only a server has. No command ends with one, so they have no exit code and no row in ERRORS. */
export const HTTP_ERRORS = {
  MALFORMED_REQUEST: { httpStatus: 400, meaning: 'the request is not valid HTTP' },
  UNAUTHORIZED: { httpStatus: 401, meaning: 'the request brings no API key that is valid' },
  FOREIGN_ORIGIN: { httpStatus: 403, meaning: 'a page of another site may not change anything here' },
  REQUEST_TOO_SLOW: { httpStatus: 408, meaning: 'the request did not arrive in time' },
  WRONG_HOST: { httpStatus: 421, meaning: 'the Host header does not name this machine' },
  RATE_LIMITED: { httpStatus: 429, meaning: 'more requests than `server.rateLimit` allows' },
  TOO_MANY_FAILURES: { httpStatus: 429, meaning: 'too many wrong API keys from this address' },
  HEADERS_TOO_LARGE: { httpStatus: 431, meaning: 'the request line and headers are larger than 8kb' },
  INTERNAL: { httpStatus: 500, meaning: "something failed here that should not; the server's log tells more" },
  TOO_MANY_STREAMS: { httpStatus: 503, meaning: 'as many event streams are open as may be' },
  STOPPING: { httpStatus: 503, meaning: 'the server is stopping' },
  REDIS_FULL: { httpStatus: 503, meaning: 'Redis is nearly full: no jobs are taken until there is room' },
} as const satisfies Record<string, { httpStatus: number; meaning: string }>;

export type HttpErrorCode = keyof typeof HTTP_ERRORS;

export interface HttpErrorExtras {
  /** Instead of the row's meaning. */
  message?: string;
  hint?: string;
  /** When to come back, where that is known. */
  retryAfterSeconds?: number;
}

/** An expected error of {@link HTTP_ERRORS}. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: HttpErrorCode;
  readonly hint: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: HttpErrorCode, { message, hint, retryAfterSeconds }: HttpErrorExtras = {}) {
    super(message ?? sentence(HTTP_ERRORS[code].meaning));
    this.code = code;
    this.hint = hint;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get httpStatus(): number {
    return HTTP_ERRORS[this.code].httpStatus;
  }
}

/** A row's meaning as a message. */
export const sentence = (meaning: string): string => meaning.charAt(0).toUpperCase() + meaning.slice(1);
