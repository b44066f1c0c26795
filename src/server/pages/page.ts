import type { FastifyInstance, FastifyRequest, HTTPMethods, InjectOptions, LightMyRequestResponse } from 'fastify';
import { onBehalfOf } from '../../jobs/caller.ts';
import type { Project } from '../../jobs/project.ts';
import type { RouteScope, ServerContext } from '../route.ts';
import { type GuardedResponse, PAGE_HEADERS } from '../security-headers.ts';

/** What a library shows in a browser: an application of its own, which no socket leads to. */
export interface PageApp {
  /** @param project on behalf of whoever sent the request */
  answer(request: FastifyRequest, project: Project): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

export interface Page {
  readonly path: string;
  /** What a caller must be allowed to do to look. */
  readonly look: RouteScope;
  /** What to change something, which is done with these methods. */
  readonly change?: { scope: RouteScope; methods: readonly HTTPMethods[] };
  /** Loads what the page needs, which is more than all the rest of the server. */
  load(host: FastifyInstance, context: ServerContext): Promise<PageApp>;
}

/** Headers that mean something to the page, and those that it may set. */
const PASSED_IN = ['accept', 'accept-language', 'if-none-match', 'if-modified-since'] as const;
const PASSED_OUT = ['content-type', 'etag', 'last-modified', 'location'] as const;

/** Opens a page under its path. It is loaded when it is first asked for, and closed with the server. */
export function mountPage(host: FastifyInstance, context: ServerContext, page: Page): void {
  let loaded: Promise<PageApp> | undefined;
  async function open(): Promise<PageApp> {
    loaded ??= page.load(host, context);
    try {
      return await loaded;
    } catch (error) {
      loaded = undefined;
      throw error;
    }
  }
  const route = (scope: RouteScope, method: readonly HTTPMethods[], url: string): void =>
    void host.route({
      method: [...method],
      url,
      config: { scope, isPage: true },
      // Not a part of the API.
      schema: { hide: true },
      async handler(request, reply) {
        const { answer } = await open();
        const { statusCode, headers, rawPayload } = await answer(request, onBehalfOf(context.project, request.caller!));
        (reply.raw as GuardedResponse).isPage = true;
        reply.headers(PAGE_HEADERS);
        for (const name of PASSED_OUT) if (headers[name] !== undefined) reply.header(name, headers[name]);
        // Files may be kept, if the browser asks each time whether they are still the same.
        reply.header('cache-control', headers.etag === undefined ? 'no-store' : 'no-cache');
        return reply.code(statusCode).send(rawPayload);
      },
    });
  route(page.look, ['GET'], page.path);
  route(page.look, ['GET'], `${page.path}/*`);
  if (page.change) route(page.change.scope, page.change.methods, `${page.path}/*`);
  host.addHook('onClose', async () => (await loaded?.catch(() => undefined))?.close());
}

/** A request as the application of a page gets it. */
export function forward({ method, headers, body }: FastifyRequest, url: string): InjectOptions {
  const passed = PASSED_IN.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]] as const]));
  return {
    method: method as NonNullable<InjectOptions['method']>,
    url,
    headers: Object.fromEntries(passed),
    ...(body === undefined || body === null ? {} : { payload: body }),
  };
}
