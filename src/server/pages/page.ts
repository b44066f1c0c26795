import type { FastifyInstance, FastifyRequest, HTTPMethods, InjectOptions } from 'fastify';
import type { ServerContext } from '../route.ts';

/** What a library shows in a browser: an application of its own, which no socket leads to. */
export interface PageApp {
  readonly app: FastifyInstance;
  /** Where in `app` a request to our path is answered. */
  urlOf(request: FastifyRequest): string;
  close(): Promise<void>;
}

export interface Page {
  readonly path: string;
  /** Besides GET. */
  readonly methods: readonly HTTPMethods[];
  /** Loads what the page needs, which is more than all the rest of the server. */
  load(host: FastifyInstance, context: ServerContext): Promise<PageApp>;
}

/** What the page itself brings along may run and be shown in a browser, nothing from elsewhere, and not in a frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

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
  const route = (method: HTTPMethods[], url: string): void =>
    void host.route({
      method,
      url,
      // Not a part of the API.
      schema: { hide: true },
      async handler(request, reply) {
        const { app, urlOf } = await open();
        const answer = await app.inject(forward(request, urlOf(request)));
        for (const name of PASSED_OUT) if (answer.headers[name] !== undefined) reply.header(name, answer.headers[name]);
        // Files may be kept, if the browser asks each time whether they are still the same.
        if (answer.headers.etag !== undefined) reply.header('cache-control', 'no-cache');
        reply.code(answer.statusCode).header('content-security-policy', POLICY);
        return reply.send(answer.rawPayload);
      },
    });
  route(['GET'], page.path);
  route(['GET'], `${page.path}/*`);
  if (page.methods.length > 0) route([...page.methods], `${page.path}/*`);
  host.addHook('onClose', async () => (await loaded?.catch(() => undefined))?.close());
}

function forward({ method, headers, body }: FastifyRequest, url: string): InjectOptions {
  const passed = PASSED_IN.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]] as const]));
  return {
    method: method as NonNullable<InjectOptions['method']>,
    url,
    headers: Object.fromEntries(passed),
    ...(body === undefined || body === null ? {} : { payload: body }),
  };
}
