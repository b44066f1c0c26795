import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Vitals } from '../broker/vitals.ts';
import type { ErrorCode } from '../errors.ts';
import type { Project } from '../jobs/project.ts';
import type { Ability } from '../jobs/scopes.ts';
import type { Reading } from '../lib/reading.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Schema } from './schema.ts';

/** What every route may use. */
export interface ServerContext {
  /** On behalf of the caller: what it must not see is not there. */
  readonly project: Project;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** How Redis is doing. */
  readonly vitals: Reading<Vitals>;
  /** When the server began to listen, on the clock that never steps. */
  readonly startedAtMs: number;
  /** Aborts when the server is told to stop. */
  readonly stopping: AbortSignal;
  /** Event streams that are open. */
  readonly streams: Set<Readable>;
}

/** What a caller must be allowed to do. `public` needs no key. */
export type RouteScope = 'public' | Ability;

/** Who may use a route. */
export interface Access {
  readonly scope: RouteScope;
  /** It shows and changes only what `project` says that there is, so that keys which are confined to some queues may use it. */
  readonly perQueue?: true;
}

/** The chapters of the API description. */
export const TAGS = {
  jobs: 'Put jobs in, look at them, change them',
  'dead letters': 'Jobs that failed for good',
  queues: 'Queues and workers',
  'other words': 'The same in the words that other job queues taught people',
  server: 'How the server is',
} as const;
export type Tag = keyof typeof TAGS;

/** What a route answers with one status. */
export interface Answer {
  readonly description: string;
  /** Of the body; without one there is none. */
  readonly schema?: Schema;
  readonly example?: unknown;
  /** When it is not `application/json`. */
  readonly contentType?: string;
}

/** One row of the route table. The types are those of what the schemas let through. */
export interface Route<Body = unknown, Query = unknown, Params = unknown, Headers = unknown> extends Access {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  /** Its name in the API description, and of the function in clients that are made from that. */
  readonly operation: string;
  readonly tag: Tag;
  /** What it does, in a line. */
  readonly summary: string;
  readonly schema?: {
    readonly params?: Schema<Params>;
    readonly querystring?: Schema<Query>;
    /** Of the headers that matter; all others pass. */
    readonly headers?: Schema<Headers>;
    readonly body?: Schema<Body>;
  };
  /** A body that it takes. */
  readonly example?: Body;
  /** When all is well, by status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Errors of its own, besides those that every route like it may answer with. */
  readonly errors?: readonly ErrorCode[];
  /** Where an error has another status than everywhere else. */
  readonly statuses?: Readonly<Partial<Record<ErrorCode, number>>>;
  /** The answer's body, sent as JSON with status 200 unless `reply` says otherwise. Errors are thrown. */
  handle(
    context: ServerContext,
    request: FastifyRequest<{ Body: Body; Querystring: Query; Params: Params; Headers: Headers }>,
    reply: FastifyReply,
  ): Promise<unknown>;
}

/** A row of the table; its handler gets the types of its schemas. */
export const route = <Body, Query, Params, Headers>(row: Route<Body, Query, Params, Headers>): Route => row as Route;
