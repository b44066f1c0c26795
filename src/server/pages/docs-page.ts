import path from 'node:path';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { fastify, type FastifyInstance } from 'fastify';
import { JobQueueError } from '../../errors.ts';
import { assetRoot } from '../assets.ts';
import type { ServerContext } from '../route.ts';
import { forward, type PageApp } from './page.ts';

/** Shows the description of the API that the host has, with all that the page needs from this server. */
export async function createDocsPage({ project }: ServerContext, host: FastifyInstance): Promise<PageApp> {
  if (!host.hasDecorator('swagger')) throw new JobQueueError('ROUTE_NOT_FOUND', 'There is no description of the API');
  const app = fastify();
  await app.register(swagger, { mode: 'static', specification: { document: host.swagger() as never } });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    baseDir: path.join(assetRoot('swagger-ui', project.config.env), 'static'),
    // Without one it would look for its own beside its code. This layout shows none.
    logo: { type: 'image/svg+xml', content: '' },
    theme: { title: 'jobqueue API' },
    uiConfig: { layout: 'BaseLayout', docExpansion: 'list', defaultModelExpandDepth: 4, displayRequestDuration: true },
  });
  await app.ready();
  return { answer: (request) => app.inject(forward(request, request.url)), close: () => app.close() };
}
