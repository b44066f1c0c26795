import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Vitals } from '../broker/vitals.ts';
import { monotonicMs } from '../lib/clock.ts';
import { versions } from '../lib/version.ts';
import type { Route, ServerContext } from './route.ts';

export interface Health {
  status: 'ok' | 'unavailable';
  redis: {
    ok: boolean;
    /** `null` when it does not answer. */
    roundTripMs: number | null;
    /** Why it answers and is not fit to keep jobs. */
    fault?: string;
  };
  version: string;
  /** Seconds since the server began to listen. */
  uptime: number;
}

const ready = { method: 'GET', scope: 'public', handle: reportHealth } as const satisfies Omit<Route, 'url'>;

export const HEALTH_ROUTES: readonly Route[] = [
  { ...ready, url: '/health' },
  // Whether to send requests here; the name that Kubernetes taught people.
  { ...ready, url: '/readyz' },
  // Whether the process is alive. It must not look at Redis: restarting the server mends no Redis.
  { method: 'GET', url: '/livez', scope: 'public', handle: async () => ({ status: 'ok' }) },
];

async function reportHealth(
  { vitals, startedAtMs }: ServerContext,
  _request: FastifyRequest,
  reply: FastifyReply,
): Promise<Health> {
  const redis = await vitals.refresh().then(reportRedis, () => ({ ok: false, roundTripMs: null }));
  reply.code(redis.ok ? 200 : 503);
  return {
    status: redis.ok ? 'ok' : 'unavailable',
    redis,
    version: versions().jobqueue,
    uptime: Math.floor((monotonicMs() - startedAtMs) / 1000),
  };
}

const reportRedis = ({ roundTripMs, fault }: Vitals): Health['redis'] => ({
  ok: fault === undefined,
  roundTripMs: Math.round(roundTripMs * 100) / 100,
  ...(fault === undefined ? {} : { fault }),
});
