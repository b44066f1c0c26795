import { fastify, type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { handleClientError, handleError, handleNotFound } from './errors.ts';
import { HttpError } from './http-error.ts';
import { acceptJsonOnly } from './json-body.ts';
import { assertHostHeader } from './loopback.ts';
import { mountPage } from './pages/page.ts';
import { PAGES } from './pages/pages.ts';
import { logRequests, requestIdOf } from './request-log.ts';
import type { ServerContext } from './route.ts';
import { ROUTES } from './routes.ts';
import { type SchemaFault, toValidationError } from './schema-fault.ts';
import { AJV_OPTIONS, readNumbers } from './validation.ts';

/** Against clients that send slowly or never end. They bound what comes in only: an answer may take its time (`?wait=`). */
const LIMITS = {
  headersTimeout: 5000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 2000,
  maxHeaderSize: 8 * 1024,
} as const;
const KEEP_ALIVE_MS = 5000;
const MAX_ID_LENGTH = 255;

/** When to try again, in seconds, after an answer that says that it may work later. */
const RETRY_AFTER: Readonly<Record<number, number>> = { 429: 2, 503: 2 };

/** Builds the application: the route table, and around it what holds for every route. It does not listen yet. */
export function createApp(context: ServerContext, log: FastifyBaseLogger): FastifyInstance {
  const app = fastify({
    ajv: AJV_OPTIONS,
    bodyLimit: context.project.config.values.server.bodyLimit,
    clientErrorHandler: handleClientError,
    frameworkErrors: handleError,
    genReqId: requestIdOf,
    http: LIMITS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    loggerInstance: log,
    requestTimeout: LIMITS.requestTimeout,
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_ID_LENGTH },
    schemaErrorFormatter: (faults, part) => toValidationError(faults as readonly SchemaFault[], part),
  });
  logRequests(app);
  context.metrics.watch(app);
  acceptJsonOnly(app);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler(handleNotFound);
  app.addHook('onRequest', async ({ headers }) => {
    if (context.stopping.aborted) throw new HttpError('STOPPING');
    assertHostHeader(headers.host);
  });
  app.addHook('onSend', async (_request, reply) => {
    const seconds = RETRY_AFTER[reply.statusCode];
    if (seconds !== undefined) reply.header('retry-after', seconds);
    if (context.stopping.aborted) reply.header('connection', 'close');
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    reply.header('x-content-type-options', 'nosniff');
  });
  for (const { method, url, schema, handle } of ROUTES) {
    app.route({
      method,
      url,
      ...(schema === undefined ? {} : { schema }),
      preValidation: async ({ query }) => readNumbers(query as Record<string, unknown>, schema?.querystring ?? {}),
      handler: (request, reply) => handle(context, request, reply),
    });
  }
  for (const page of PAGES) mountPage(app, context, page);
  return app;
}
