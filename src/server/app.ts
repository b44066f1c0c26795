import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify';
import { onBehalfOf } from '../jobs/caller.ts';
import { watchAnswers } from './answered.ts';
import { describeApi } from './describe-api.ts';
import { createErrorHandler, handleClientError, handleNotFound } from './errors.ts';
import { guardRequests } from './guard.ts';
import { HttpError } from './http-error.ts';
import { acceptJsonOnly, assertNoBody } from './json-body.ts';
import type { KeyRing } from './key-ring.ts';
import { createHostCheck } from './loopback.ts';
import { mountPage } from './pages/page.ts';
import { PAGES } from './pages/pages.ts';
import { createRequestLimit } from './rate-limit.ts';
import { createRequestLog, requestIdOf } from './request-log.ts';
import type { Route, ServerContext } from './route.ts';
import { ROUTES } from './routes.ts';
import { type SchemaFault, toValidationError } from './schema-fault.ts';
import { allowOrigins, GuardedResponse } from './security-headers.ts';
import { object } from './schema.ts';
import { endSilentConnections } from './silent-connections.ts';
import { AJV_OPTIONS, readNumbers } from './validation.ts';

/** Against clients that send slowly or never end. They bound what comes in only: an answer may take its time (`?wait=`). */
const LIMITS = {
  headersTimeout: 5000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 2000,
  maxHeaderSize: 8 * 1024,
} as const;
const KEEP_ALIVE_MS = 5000;
/** Of a connection on which nothing moves: longer than the longest `?wait=`. It bounds those who do not read their answer. */
const SILENCE_MS = 330_000;
const MAX_ID_LENGTH = 255;

/** When to try again, in seconds, after an answer that says that it may work later. */
const RETRY_AFTER: Readonly<Record<number, number>> = { 429: 2, 503: 2 };

/** The application, and a way to wait until it answers no request. */
export interface App {
  app: FastifyInstance;
  settled(): Promise<void>;
}

/** Builds the application: the route table, and around it what holds for every route. It does not listen yet. */
export async function createApp(context: ServerContext, ring: KeyRing): Promise<App> {
  const { server } = context.project.config.values;
  const handleError = createErrorHandler(context.log);
  // It gets no logger: it would watch each answer for the sake of lines that are not wanted, and a request takes a thirtieth longer.
  const app = fastify({
    ajv: AJV_OPTIONS,
    bodyLimit: server.bodyLimit,
    clientErrorHandler: handleClientError,
    frameworkErrors: handleError,
    genReqId: requestIdOf,
    http: { ...LIMITS, ServerResponse: GuardedResponse },
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: LIMITS.requestTimeout,
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_ID_LENGTH },
    schemaErrorFormatter: (faults, part) => toValidationError(faults as readonly SchemaFault[], part),
    trustProxy: server.trustProxy === undefined ? false : [...server.trustProxy],
  });
  app.server.maxConnections = server.maxConnections;
  endSilentConnections(app.server, SILENCE_MS);
  // By itself Node would answer 417, in another shape than ours.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  const settled = watchAnswers(app, [createRequestLog(context.log), context.metrics.observe]);
  acceptJsonOnly(app);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler(handleNotFound);
  app.addHook('onSend', ({ id }, reply, _payload, done) => {
    reply.header('x-request-id', id);
    const seconds = RETRY_AFTER[reply.statusCode];
    if (seconds !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', seconds);
    if (context.stopping.aborted) reply.header('connection', 'close');
    done();
  });
  // Before anybody is answered, also one who only asks which origins may call.
  const assertHost = createHostCheck(server);
  app.addHook('onRequest', ({ headers }, _reply, done) => {
    if (context.stopping.aborted) throw new HttpError('STOPPING');
    assertHost(headers.host);
    done();
  });
  await allowOrigins(app, server);
  guardRequests(app, { context, ring, limit: await createRequestLimit(app, context.project) });
  await describeApi(app);
  for (const route of ROUTES) addRoute(app, route, context);
  for (const page of PAGES) mountPage(app, context, page);
  return { app, settled };
}

/** A wish that a route does not know is refused, not dropped; whoever asks after our health may add what they like. */
const NO_QUERY = object('no query', {});

function addRoute(app: FastifyInstance, route: Route, context: ServerContext): void {
  const { method, url, handle, scope, perQueue } = route;
  const schema = scope === 'public' ? route.schema : { querystring: NO_QUERY, ...route.schema };
  const { body, querystring } = route.schema ?? {};
  app.route({
    method,
    url,
    schema,
    config: { route, scope, ...(perQueue && { perQueue }) },
    preValidation: [
      ...(querystring
        ? [async ({ query }: FastifyRequest) => readNumbers(query as Record<string, unknown>, querystring)]
        : []),
      ...(body ? [] : [async (request: FastifyRequest) => assertNoBody(request)]),
    ],
    handler: (request, reply) =>
      handle({ ...context, project: onBehalfOf(context.project, request.caller!) }, request, reply),
  });
}
