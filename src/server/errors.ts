import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { type ErrorCode, ERRORS, JobQueueError, toError } from '../errors.ts';
import { renderSize } from '../lib/size.ts';
import { HttpError, sentence } from './http-error.ts';
import { unsupported } from './json-body.ts';

/** The body of every answer that is an error. */
export interface ErrorBody {
  error: { code: string; message: string; hint?: string; details?: unknown };
}

/** Errors of fastify's that mean something to a caller, in our words. */
const FASTIFY_ERRORS: Record<string, (request: FastifyRequest) => JobQueueError | HttpError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ({ routeOptions }) =>
    new JobQueueError('BODY_TOO_LARGE', `Expected a body of at most ${renderSize(routeOptions.bodyLimit)}`),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ({ headers }) => unsupported(headers['content-type'] ?? 'no Content-Type header'),
  FST_ERR_MAX_PARAM_LENGTH: () => notFound(),
};

/** Answers every error in one shape. What fails here is told to the log; the caller learns no stack and no word of Redis'. */
export function createErrorHandler(log: Logger) {
  return (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const error = translate(thrown, request);
    logFailure(log, request, error, thrown);
    if (error instanceof HttpError && error.retryAfterSeconds !== undefined) {
      reply.header('retry-after', error.retryAfterSeconds);
    }
    const statuses = request.routeOptions.config?.route?.statuses;
    const httpStatus = statuses?.[error.code as ErrorCode] ?? error.httpStatus;
    return reply.code(httpStatus).header('x-request-id', request.id).send(renderError(error, request.id));
  };
}

/** Answers requests for what no row of the route table has. */
export function handleNotFound(): never {
  throw notFound();
}

const notFound = (): JobQueueError => new JobQueueError('ROUTE_NOT_FOUND', 'There is no such route');

function translate(thrown: unknown, request: FastifyRequest): JobQueueError | HttpError {
  if (thrown instanceof JobQueueError || thrown instanceof HttpError) return thrown;
  const { code, statusCode } = toError(thrown) as Partial<FastifyError>;
  const known = FASTIFY_ERRORS[code ?? ''];
  if (known) return known(request);
  return new HttpError(statusCode !== undefined && statusCode < 500 ? 'MALFORMED_REQUEST' : 'INTERNAL');
}

/** Refusals that say nothing which the line of the request does not say. */
const AS_INTENDED: ReadonlySet<string> = new Set(['STOPPING', 'REDIS_FULL']);

/** Logs the text of an error, not the error: clients of Redis hang the command, and so the payload, on theirs. */
function logFailure(
  log: Logger,
  { id }: FastifyRequest,
  { code, httpStatus }: JobQueueError | HttpError,
  thrown: unknown,
): void {
  if (code === 'INTERNAL') {
    log.error({ requestId: id, code, reason: reasonsOf(thrown, 'stack') }, 'request failed');
  } else if (httpStatus >= 500 && !AS_INTENDED.has(code)) {
    log.warn({ requestId: id, code, reason: reasonsOf(thrown, 'message') }, 'request failed');
  }
}

/** Below 500 a message is written for the caller. From 500 on it is for whoever runs the server, so the caller gets the row's meaning. */
function renderError(error: JobQueueError | HttpError, requestId: string): ErrorBody {
  if (error instanceof HttpError) {
    const { code, message, hint } = error;
    return {
      error: {
        code,
        message,
        ...(hint === undefined ? {} : { hint }),
        ...(code === 'INTERNAL' ? { details: { requestId } } : {}),
      },
    };
  }
  if (error.httpStatus < 500) return { error: error.toJSON() };
  return { error: { code: error.code, message: sentence(ERRORS[error.code].meaning) } };
}

/** The message or stack of an error and of its causes. */
function reasonsOf(thrown: unknown, what: 'message' | 'stack'): string {
  const error = toError(thrown);
  const reason = error[what] ?? error.message;
  return error.cause === undefined ? reason : `${reason}\ncaused by ${reasonsOf(error.cause, what)}`;
}

const CLIENT_ERRORS: Record<string, HttpError> = {
  ERR_HTTP_REQUEST_TIMEOUT: new HttpError('REQUEST_TOO_SLOW'),
  HPE_HEADER_OVERFLOW: new HttpError('HEADERS_TOO_LARGE'),
};

/** Answers what never became a request, and closes the connection. */
export function handleClientError({ code }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const error = CLIENT_ERRORS[code ?? ''] ?? new HttpError('MALFORMED_REQUEST');
  const body = JSON.stringify({ error: { code: error.code, message: error.message } } satisfies ErrorBody);
  // Then cut: one that does not close its side either would stay half open.
  socket.write(
    [
      `HTTP/1.1 ${error.httpStatus} ${STATUS_CODES[error.httpStatus]}`,
      'connection: close',
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
  socket.destroy();
}
