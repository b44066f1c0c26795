import type { FastifyReply, FastifyRequest, RequestGenericInterface } from 'fastify';
import type { Vitals } from '../broker/vitals.ts';
import type { Project } from '../jobs/project.ts';
import type { Ability } from '../jobs/scopes.ts';
import type { Reading } from '../lib/reading.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Schema } from './schema.ts';

/** What every route may use. */
export interface ServerContext {
  /** On behalf of the caller: what it must not see is not there. */
  readonly project: Project;
  readonly metrics: Metrics;
  /** How Redis is doing. */
  readonly vitals: Reading<Vitals>;
  /** When the server began to listen, on the clock that never steps. */
  readonly startedAtMs: number;
  /** Aborts when the server is told to stop. */
  readonly stopping: AbortSignal;
}

/** What a caller must be allowed to do. `public` needs no key. */
export type RouteScope = 'public' | Ability;

/** Who may use a route. */
export interface Access {
  readonly scope: RouteScope;
  /** It shows and changes only what `project` says that there is, so that keys which are confined to some queues may use it. */
  readonly perQueue?: true;
}

/** One row of the route table. `Shape` has the types of what the schemas let through. */
export interface Route<Shape extends RequestGenericInterface = RequestGenericInterface> extends Access {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly schema?: {
    readonly params?: Schema;
    readonly querystring?: Schema;
    /** Of the headers that matter; all others pass. */
    readonly headers?: Schema;
    readonly body?: Schema;
  };
  /** The answer's body, sent as JSON with status 200 unless `reply` says otherwise. Errors are thrown. */
  handle(context: ServerContext, request: FastifyRequest<Shape>, reply: FastifyReply): Promise<unknown>;
}
