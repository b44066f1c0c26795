import type { FastifyReply, FastifyRequest, RequestGenericInterface } from 'fastify';
import type { Project } from '../jobs/project.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Schema } from './schema.ts';

/** What every route may use. */
export interface ServerContext {
  readonly project: Project;
  readonly metrics: Metrics;
  /** When the server began to listen, on the clock that never steps. */
  readonly startedAtMs: number;
  /** Aborts when the server is told to stop. */
  readonly stopping: AbortSignal;
}

/**
 * What a caller must be allowed to do. `public` needs no key; `enqueue` adds jobs; `read` looks; `operate` changes jobs
 * and queues; `admin` does all of it.
 */
export type Scope = 'public' | 'enqueue' | 'read' | 'operate' | 'admin';

/** One row of the route table. `Shape` has the types of what the schemas let through. */
export interface Route<Shape extends RequestGenericInterface = RequestGenericInterface> {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly scope: Scope;
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
