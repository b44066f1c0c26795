import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { readVitals } from '../broker/vitals.ts';
import { JobQueueError } from '../errors.ts';
import type { Project } from '../jobs/project.ts';
import { monotonicMs, sleep } from '../lib/clock.ts';
import { createReading } from '../lib/reading.ts';
import { createApp } from './app.ts';
import { createKeyRing } from './key-ring.ts';
import { assertSafe, isLoopback } from './loopback.ts';
import { createMetrics } from './metrics/metrics.ts';

const GRACE_MS = 5000;

export interface RunningServer {
  /** Where it listens, e.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Resolves when the port is free and no request runs any more; a second call gives the same promise. */
  stop(): Promise<void>;
}

/**
 * The HTTP server. It owns one listening socket and the connections to it; the project, and with it Redis, is its caller's:
 * it must not close it.
 *
 * Start: refuse an address that is not safe, before there is a socket; load the handlers, whose schemas check payloads;
 * build the application; listen.
 * Stop: accept nothing more; answer 503 to new requests and to those that wait for a job; let the others finish for 5 s;
 * cut what is left.
 *
 * @throws JobQueueError UNSAFE_BIND, FAILED when the port cannot be had
 */
export async function startServer(project: Project, { log }: { log: Logger }): Promise<RunningServer> {
  const { server } = project.config.values;
  const { host, port } = server;
  const ring = createKeyRing(project);
  assertSafe(server, (await ring.all()).size > 0);
  const { broken, warning } = await project.handlers.loadAll();
  for (const error of broken) log.warn(error.message);
  if (warning !== undefined) log.warn(warning);

  const stopping = new AbortController();
  const context = {
    project,
    log,
    metrics: createMetrics(project),
    vitals: createReading(() => readVitals(project.broker, project.config.values.redis)),
    startedAtMs: monotonicMs(),
    stopping: stopping.signal,
    streams: new Set<Readable>(),
  };
  const { app, settled } = await createApp(context, ring);
  const url = await listen(app, host, port);
  log.info({ url }, 'listening');
  if (!isLoopback(host)) log.warn('what is sent is not encrypted: put a proxy that speaks TLS before this server');

  let stopped: Promise<void> | undefined;
  async function stop(): Promise<void> {
    stopping.abort();
    app.server.close();
    const over = new AbortController();
    await Promise.race([settled(), sleep(GRACE_MS, over.signal)]);
    over.abort();
    app.server.closeAllConnections();
    await app.close();
  }
  return { url, stop: () => (stopped ??= stop()) };
}

const LISTEN_HINTS: Record<string, string> = {
  EADDRINUSE: 'Another program listens there: stop it, or choose another port with --port N (0 takes a free one)',
  EACCES: 'Ports below 1024 need privileges: choose another one with --port N',
};

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    // Fastify would bind every address of `localhost` through servers of its own, which stop() does not reach.
    return await app.listen({ host: host.toLowerCase() === 'localhost' ? '127.0.0.1' : host, port });
  } catch (cause) {
    await app.close();
    const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
    throw new JobQueueError('FAILED', `Cannot listen on ${host}:${port} (${code})`, {
      hint: LISTEN_HINTS[code],
      cause,
    });
  }
}
