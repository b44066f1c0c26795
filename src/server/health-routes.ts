import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Broker } from '../broker/broker.ts';
import { monotonicMs } from '../lib/clock.ts';
import { versions } from '../lib/version.ts';
import type { Route, ServerContext } from './route.ts';

export interface Health {
  status: 'ok' | 'unavailable';
  redis: { ok: boolean; roundTripMs: number | null };
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
  { project, startedAtMs }: ServerContext,
  _request: FastifyRequest,
  reply: FastifyReply,
): Promise<Health> {
  const roundTripMs = await measureRoundTrip(project.broker);
  const ok = roundTripMs !== null;
  reply.code(ok ? 200 : 503);
  return {
    status: ok ? 'ok' : 'unavailable',
    redis: { ok, roundTripMs },
    version: versions().jobqueue,
    uptime: Math.floor((monotonicMs() - startedAtMs) / 1000),
  };
}

/** Milliseconds that Redis takes to answer; null when it does not, which the connection decides in time. */
async function measureRoundTrip({ redis }: Broker): Promise<number | null> {
  const startedAt = monotonicMs();
  try {
    await redis.call('PING');
    return Math.round((monotonicMs() - startedAt) * 100) / 100;
  } catch {
    return null;
  }
}
