import { METRICS_CONTENT_TYPE } from './metrics/metrics.ts';
import { type Route, route } from './route.ts';

export const METRICS_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    url: '/metrics',
    scope: 'read',
    operation: 'getMetrics',
    tag: 'server',
    summary: 'Figures for Prometheus',
    answers: {
      200: {
        description: 'In the text format of Prometheus',
        schema: { type: 'string' },
        contentType: 'text/plain',
        example: 'jq_jobs{queue="mail",state="waiting"} 12',
      },
    },
    async handle({ metrics }, _request, reply) {
      reply.type(METRICS_CONTENT_TYPE);
      return metrics.render();
    },
  }),
];
