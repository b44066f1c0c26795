import type { FastifyInstance, FastifyRequest, HTTPMethods, InjectOptions } from 'fastify';
import { audit } from '../../jobs/audit.ts';
import { onBehalfOf } from '../../jobs/caller.ts';
import type { RouteScope, ServerContext } from '../route.ts';

/** What a library shows in a browser: an application of its own, which no socket leads to. */
export interface PageApp {
  readonly app: FastifyInstance;
  /** Where in `app` a request to our path is answered. */
  urlOf(request: FastifyRequest): string;
  close(): Promise<void>;
}

export interface Page {
  readonly path: string;
  /** What a caller must be allowed to do to look (GET). */
  readonly look: RouteScope;
  /** What a caller must be allowed to do to change something, and the methods that do. */
  readonly change?: { readonly scope: RouteScope; readonly methods: readonly HTTPMethods[] };
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
  const route = (method: HTTPMethods[], url: string, scope: RouteScope): void =>
    void host.route({
      method,
      url,
      // Not a part of the API.
      schema: { hide: true },
      config: { scope, isPage: true },
      async handler(request, reply) {
        const { app, urlOf } = await open();
        const answer = await app.inject(forward(request, urlOf(request)));
        for (const name of PASSED_OUT) if (answer.headers[name] !== undefined) reply.header(name, answer.headers[name]);
        // Files may be kept, if the browser asks each time whether they are still the same.
        if (answer.headers.etag !== undefined) reply.header('cache-control', 'no-cache');
        if (request.method !== 'GET' && answer.statusCode < 400) await auditChange(context, request);
        reply.code(answer.statusCode);
        return reply.send(answer.rawPayload);
      },
    });
  route(['GET'], page.path, page.look);
  route(['GET'], `${page.path}/*`, page.look);
  if (page.change) route([...page.change.methods], `${page.path}/*`, page.change.scope);
  host.addHook('onClose', async () => (await loaded?.catch(() => undefined))?.close());
}

/** What was done on a page is told by where: `/admin/queues/api/queues/mail/ID/retry`. */
const auditChange = ({ project }: ServerContext, { caller, url }: FastifyRequest): Promise<void> =>
  audit(onBehalfOf(project, caller!), { what: 'change', count: 1, id: url.split('?', 1)[0]! });

function forward({ method, headers, body }: FastifyRequest, url: string): InjectOptions {
  const passed = PASSED_IN.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]] as const]));
  return {
    method: method as NonNullable<InjectOptions['method']>,
    url,
    headers: Object.fromEntries(passed),
    ...(body === undefined || body === null ? {} : { payload: body }),
  };
}
