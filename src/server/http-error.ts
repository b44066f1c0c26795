/** Errors that only a server has. No command ends with one, so they have no exit code and no row in ERRORS. */
export const HTTP_ERRORS = {
  MALFORMED_REQUEST: { httpStatus: 400, meaning: 'the request is not valid HTTP' },
  REQUEST_TOO_SLOW: { httpStatus: 408, meaning: 'the request did not arrive in time' },
  WRONG_HOST: { httpStatus: 421, meaning: 'the Host header does not name this machine' },
  HEADERS_TOO_LARGE: { httpStatus: 431, meaning: 'the request line and headers are larger than 8kb' },
  INTERNAL: { httpStatus: 500, meaning: "something failed here that should not; the server's log tells more" },
  STOPPING: { httpStatus: 503, meaning: 'the server is stopping' },
} as const satisfies Record<string, { httpStatus: number; meaning: string }>;

export type HttpErrorCode = keyof typeof HTTP_ERRORS;

/** An expected error of {@link HTTP_ERRORS}; without a message of its own it has the row's. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: HttpErrorCode;
  readonly hint: string | undefined;

  constructor(code: HttpErrorCode, message?: string, { hint }: { hint?: string } = {}) {
    super(message ?? sentence(HTTP_ERRORS[code].meaning));
    this.code = code;
    this.hint = hint;
  }

  get httpStatus(): number {
    return HTTP_ERRORS[this.code].httpStatus;
  }
}

/** A row's meaning as a message. */
export const sentence = (meaning: string): string => meaning.charAt(0).toUpperCase() + meaning.slice(1);
