import swagger from '@fastify/swagger';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { ERRORS, type ErrorCode } from '../errors.ts';
import { versions } from '../lib/version.ts';
import { COMPONENTS, refTo } from './answer-schemas.ts';
import { HTTP_ERRORS, type HttpErrorCode, sentence } from './http-error.ts';
import { type Answer, type Route, TAGS } from './route.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    route?: Route;
  }
}

type Code = ErrorCode | HttpErrorCode;

/** Makes `app.swagger()`, which describes the routes that are added after it. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'jobqueue',
        version: versions().jobqueue,
        description:
          'Put jobs in, look at them, and run the dead ones again. Times are RFC 3339; durations are `5s`, `10m`.',
      },
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: {
        schemas: COMPONENTS as Record<string, object>,
        securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key, `jq_…`' } },
      },
    },
    // What is not a row of the route table belongs to a page, not to the API.
    transform: ({ schema, url, route: { config } }) => ({
      url,
      schema: config?.route ? { ...schema, ...describeRoute(config.route) } : { hide: true },
    }),
  });
}

function describeRoute(route: Route): FastifySchema {
  const { operation, summary, tag, scope, schema, example } = route;
  return {
    operationId: operation,
    summary,
    tags: [tag],
    security: scope === 'public' ? [] : [{ key: [] }],
    ...(scope === 'public' ? {} : { description: `Needs a key with the scope \`${scope}\`.` }),
    ...(schema?.body === undefined ? {} : { body: { ...schema.body, examples: [example] } }),
    response: Object.fromEntries(responsesOf(route)),
  } as FastifySchema;
}

function* responsesOf(route: Route): Generator<[number, object]> {
  const codes = Map.groupBy(errorsOf(route), (code) => route.statuses?.[code as ErrorCode] ?? statusOf(code));
  for (const [status, answer] of Object.entries(route.answers)) {
    const others = codes.get(Number(status));
    codes.delete(Number(status));
    yield [Number(status), others === undefined ? renderAnswer(answer) : renderAnswer(withErrors(answer, others))];
  }
  for (const [status, each] of codes) {
    const [code] = each as [Code];
    yield [
      status,
      renderAnswer({
        description: describeErrors(each),
        schema: refTo('Error'),
        example: { error: { code, message: sentence(meaningOf(code)) } },
      }),
    ];
  }
}

const withErrors = (answer: Answer, codes: readonly Code[]): Answer => ({
  ...answer,
  description: `${answer.description}; or ${describeErrors(codes)}`,
  schema: { anyOf: [answer.schema ?? {}, refTo('Error')] },
});

function renderAnswer({ description, schema, example, contentType = 'application/json' }: Answer): object {
  if (schema === undefined) return { description, type: 'null' };
  return { description, content: { [contentType]: { schema, ...(example === undefined ? {} : { example }) } } };
}

/** What any route like this one may refuse. */
function errorsOf({ method, scope, schema, errors = [] }: Route): Code[] {
  const reads = method === 'GET';
  const isPublic = scope === 'public';
  const codes: Code[] = ['MALFORMED_REQUEST', 'WRONG_HOST', 'INTERNAL', 'STOPPING', 'HEADERS_TOO_LARGE', ...errors];
  if (!isPublic || schema?.headers) codes.push('USAGE');
  if (!reads) codes.push('INVALID_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA', 'REQUEST_TOO_SLOW', 'FOREIGN_ORIGIN');
  if (schema?.params) codes.push('ROUTE_NOT_FOUND', 'USAGE');
  if (!isPublic) codes.push('REDIS_UNREACHABLE', 'REDIS_REFUSED');
  if (!isPublic) codes.push('UNAUTHORIZED', 'FORBIDDEN', 'RATE_LIMITED', 'TOO_MANY_FAILURES');
  if (scope === 'enqueue') codes.push('REDIS_FULL');
  return [...new Set(codes)];
}

const rowOf = (code: Code): { httpStatus: number; meaning: string } => ({ ...ERRORS, ...HTTP_ERRORS })[code];
const statusOf = (code: Code): number => rowOf(code).httpStatus;
const meaningOf = (code: Code): string => rowOf(code).meaning;
const describeErrors = (codes: readonly Code[]): string =>
  codes.map((code) => `\`${code}\`: ${meaningOf(code)}`).join('; ');
