import type { NewJob } from '../broker/new-job.ts';
import { describe } from '../config/layers.ts';
import { JobQueueError } from '../errors.ts';
import type { HandlerOptions, JobOptions } from '../handlers/define-handler.ts';
import { TYPE_NAME } from '../handlers/find-handlers.ts';
import { validatePayload } from '../handlers/validate-payload.ts';
import { randomBytes, sha256Url } from '../lib/digest.ts';
import { parseDuration } from '../lib/duration.ts';
import { canonicalJson, type Json } from '../lib/json.ts';
import { andThen, type MaybeLate } from '../lib/maybe-late.ts';
import { uuidV7 } from '../lib/uuid.ts';
import { sees } from './caller.ts';
import { checkJobOptions } from './job-options.ts';
import type { Project } from './project.ts';

/** What somebody asks for. */
export interface EnqueueRequest {
  type: string;
  /** JSON; `{}` when left out. */
  payload?: unknown;
  /** The payload was JSON text just now, and need not be made sure to be. */
  isParsed?: true;
  options?: JobOptions | undefined;
  /** Also a type or queue that this project does not know: its handlers live elsewhere. */
  allowUnknown?: boolean | undefined;
  /** A mark of the whole that it is a part of: its idempotency key holds for the same whole only. */
  partOf?: string | undefined;
  /** Who asks, where that is known. */
  by?: string | undefined;
}

/**
 * A request as a job that is ready to be stored: checked against the handler's schema, the handler's and the
 * configuration's defaults filled in, its id made. Nothing is stored.
 *
 * @throws JobQueueError UNKNOWN_TYPE, HANDLER_BROKEN, INVALID_PAYLOAD, USAGE, FORBIDDEN
 */
export function prepareJob(project: Project, request: EnqueueRequest): MaybeLate<NewJob> {
  const { type } = request;
  // Requests come from JSON too.
  if (typeof type !== 'string' || !TYPE_NAME.test(type)) {
    throw new JobQueueError('USAGE', `Expected a type such as send-email or mail/welcome, got ${describe(type)}`);
  }
  // Most often all is there, and each `await` would take a turn of its own.
  const found = request.allowUnknown ? project.handlers.find(type) : project.handlers.get(type);
  return andThen(found, (handler) => {
    // What is stored is what was sent: the schema converts it when the job runs.
    const { payload: given = {} } = request;
    const payload = request.isParsed ? (given as Json) : toJson(given);
    const settings = settingsOf(project, handler ?? NO_HANDLER, request.options);
    assertMayEnqueue(project, settings.queue);
    const checking = handler?.input && validatePayload(type, handler.input, payload);
    return andThen(checking, () => makeJob(project, request, { handler, payload, settings }));
  });
}

function makeJob(
  project: Project,
  { type, options = {}, partOf, by }: EnqueueRequest,
  { handler, payload, settings }: { handler: HandlerOptions | undefined; payload: Json; settings: Settings },
): NewJob {
  checkJobOptions(options);
  const createdAt = project.broker.clock.now();
  const delayMs = delayOf(options, createdAt);
  const expiresInMs = parseDuration(options.expiresIn ?? handler?.expiresIn);
  return {
    id: options.id === undefined ? `j_${uuidV7()}` : idFromKey(settings.queue, options.id),
    type,
    payload,
    createdAt,
    delayMs,
    ...settings,
    dedupe: dedupeOf(options.dedupe),
    idempotency:
      options.id === undefined
        ? undefined
        : {
            fingerprint: sha256Url(canonicalJson({ type, payload, options, partOf })),
            call: randomBytes(9).toString('base64url'),
          },
    extras: {
      timeoutMs: parseDuration(options.timeout ?? handler?.timeout) ?? project.config.values.defaults.timeout,
      ...(expiresInMs === undefined ? {} : { expiresAt: createdAt + delayMs + expiresInMs }),
      ...(by === undefined ? {} : { by }),
    },
  };
}

/** @throws JobQueueError FORBIDDEN */
function assertMayEnqueue(project: Project, queue: string): void {
  if (sees(project, queue)) return;
  throw new JobQueueError(
    'FORBIDDEN',
    `Expected a job for one of the queues that this key is for (${project.caller.queues!.join(', ')}), got one for ${describe(queue)}`,
  );
}

type Settings = ReturnType<typeof resolveSettings>;

const NO_HANDLER: HandlerOptions = {};
/** Of requests without options, by the defaults and the handler: all jobs of a type then share them, and are soon seen to be alike. */
const settled = new WeakMap<object, WeakMap<HandlerOptions, Settings>>();

function settingsOf(project: Project, handler: HandlerOptions, options: JobOptions | undefined): Settings {
  if (options !== undefined) return resolveSettings(project, handler, options);
  const { defaults } = project.config.values;
  let byHandler = settled.get(defaults);
  if (!byHandler) settled.set(defaults, (byHandler = new WeakMap()));
  let settings = byHandler.get(handler);
  if (!settings) byHandler.set(handler, (settings = resolveSettings(project, handler)));
  return settings;
}

/** The request's word, else the handler's, else the configuration's. */
function resolveSettings(project: Project, handler: HandlerOptions, options: JobOptions = {}) {
  const { defaults } = project.config.values;
  const backoff = options.backoff ?? handler.backoff;
  return {
    queue: options.queue ?? handler.queue ?? 'default',
    priority: options.priority ?? handler.priority ?? 0,
    attempts: options.attempts ?? handler.attempts ?? defaults.attempts,
    backoff: {
      type: backoff?.type ?? defaults.backoff.type,
      delayMs: parseDuration(backoff?.delay) ?? defaults.backoff.delay,
      jitter: backoff ? (backoff.jitter ?? 0) : defaults.backoff.jitter,
    },
    keepCompleted: { ageMs: defaults.keepCompleted.age, count: defaults.keepCompleted.count },
  };
}

function delayOf({ delay, at }: JobOptions, from: number): number {
  if (at !== undefined) return Math.max(0, new Date(at).getTime() - from);
  return parseDuration(delay ?? 0)!;
}

function dedupeOf(dedupe: JobOptions['dedupe']): NewJob['dedupe'] {
  if (dedupe === undefined) return undefined;
  const { key, ttl } = typeof dedupe === 'string' ? { key: dedupe, ttl: undefined } : dedupe;
  // The key becomes part of a Redis key: whatever people write, it is a fixed set of characters there.
  return { key: sha256Url(key), ttlMs: parseDuration(ttl) };
}

// BullMQ breaks on some ids (`wait`, `0:1`, numbers), so no text of anybody else becomes one.
const idFromKey = (queue: string, key: string): string => `i_${sha256Url(`${queue}\0${key}`)}`;

function toJson(payload: unknown): Json {
  try {
    const text = JSON.stringify(payload);
    if (text !== undefined) return JSON.parse(text) as Json;
  } catch (error) {
    throw new JobQueueError('USAGE', `Expected the payload to be JSON: ${(error as Error).message}`, { cause: error });
  }
  throw new JobQueueError('USAGE', `Expected the payload to be JSON, got a ${typeof payload}`);
}
