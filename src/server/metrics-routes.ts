import type { FastifyReply, FastifyRequest } from 'fastify';
import { METRICS_CONTENT_TYPE } from './metrics/metrics.ts';
import type { Route, ServerContext } from './route.ts';

export const METRICS_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    url: '/metrics',
    scope: 'read',
    async handle({ metrics }: ServerContext, _request: FastifyRequest, reply: FastifyReply) {
      reply.type(METRICS_CONTENT_TYPE);
      return metrics.render();
    },
  },
];
