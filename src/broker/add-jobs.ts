import { monotonicMs } from '../lib/clock.ts';
import type { Json } from '../lib/json.ts';
import type { Broker } from './broker.ts';
import { ENGINE, pack } from './engine-scripts.ts';
import { isKeyed, KEY_KEPT_MS, type KeyUse, parseKeyUse, renderKeyUse } from './key-uses.ts';
import type { QueuePart } from './keys.ts';
import { type Argument, type Redis, type Reply, ReplyError, unwrap } from './redis.ts';
import { isUnknownScript, runScript, type Script, scriptCall } from './script.ts';
import { ADD_MANY } from './scripts/add-many.ts';
import { addKeyed } from './scripts/add-keyed.ts';

/** A job that is ready to be stored: nothing is optional that a default could fill, every time is a number of milliseconds. */
export interface NewJob {
  /** Made by us before the first try, so that a try whose answer got lost can be repeated without making a second job. */
  id: string;
  queue: string;
  type: string;
  payload: Json;
  createdAt: number;
  delayMs: number;
  /** 0 is none. */
  priority: number;
  attempts: number;
  backoff: { type: 'exponential' | 'fixed'; delayMs: number; jitter: number };
  keepCompleted: { ageMs: number; count: number };
  dedupe: { key: string; ttlMs: number | undefined } | undefined;
  /** Of a job whose id is made of an idempotency key: hash of what was asked for, and a mark of the call that asks. */
  idempotency: { fingerprint: string; call: string } | undefined;
  extras: JobExtras;
}

/** What BullMQ does not know: it rides in the job's options, under `jq`. */
export interface JobExtras {
  timeoutMs: number;
  /** Epoch milliseconds after which the job is not started any more. */
  expiresAt?: number;
  /** Who added it: a user and machine, an API key, or a job. */
  by?: string;
  /** Of a job with an idempotency key: hash of what was asked for. */
  fingerprint?: string;
}

/** A job as it was stored. */
export interface AddedJob {
  /** Of a deduplicated job that of the one before it. */
  id: string;
  /** What its idempotency key is used for; not known of a job that was there before, and whose key's time is over. */
  use?: KeyUse;
}

/** Jobs in one transaction: Redis does nothing else meanwhile, for about 10 ms. */
const BATCH = 1000;

/**
 * Stores jobs as BullMQ does, in order: one by its own script, in one round trip; several by a script of ours that leaves
 * the same. Each batch of {@link BATCH} is stored whole or not at all.
 */
export async function addJobs(broker: Broker, jobs: readonly NewJob[]): Promise<AddedJob[]> {
  if (jobs.length === 1) return [await addOne(broker, jobs[0]!)];
  await broker.redis.pipeline(register(broker, [...new Set(jobs.map((job) => job.queue))]));
  const added: AddedJob[] = [];
  for (let start = 0; start < jobs.length; start += BATCH) {
    added.push(...(await addBatch(broker, jobs.slice(start, start + BATCH))));
  }
  return added;
}

function readReply(job: NewJob, reply: string): AddedJob {
  if (!isKeyed(job)) return { id: reply };
  if (reply === '') return { id: job.id };
  const use = parseKeyUse(reply);
  return { id: use.id, use };
}

/** Commands that make queues known to us, and to Bull Board and BullMQ's own tools, which find a queue by its `meta`. */
const register = ({ keys }: Broker, queues: readonly string[]): Argument[][] => [
  ['SADD', keys.queues, ...queues],
  ...queues.map((queue) => ['HSETNX', keys.queue(queue, 'meta'), 'version', ENGINE_VERSION]),
];

const ENGINE_VERSION = 'bullmq:6.7.0';

/** Until when each lasting connection may take a queue for registered; even one that is not is found by the search for queues. */
const registrations = new WeakMap<Redis, Map<string, number>>();
const REGISTERED_MS = 60_000;

async function addOne(broker: Broker, job: NewJob): Promise<AddedJob> {
  const { redis, keys } = broker;
  const { script, args } = addCall(broker, job);
  const meta = keys.queue(job.queue, 'meta');
  const registered = registrations.get(redis)?.get(meta) ?? 0;
  if (monotonicMs() < registered) return readReply(job, String(await runScript(redis, script, args)));

  const replies = await redis.pipeline([...register(broker, [job.queue]), scriptCall(redis, script, args)]);
  const last = replies.at(-1);
  const reply = isUnknownScript(last) ? await runScript(redis, script, args) : unwrap(last);
  if (redis.isLasting) remember(redis, meta);
  return readReply(job, String(reply));
}

function remember(redis: Redis, meta: string): void {
  const until = registrations.get(redis) ?? new Map<string, number>();
  registrations.set(redis, until.set(meta, monotonicMs() + REGISTERED_MS));
}

async function addBatch({ redis, keys }: Broker, jobs: readonly NewJob[]): Promise<AddedJob[]> {
  // What came of a job with a key of either kind, only the scripts for single jobs say.
  const isPlain = jobs.length > 1 && jobs.every((job) => job.dedupe === undefined && !isKeyed(job));
  const calls = isPlain ? addManyCalls({ keys }, jobs) : jobs.map((job) => addCall({ keys }, job));
  const replies = await runCalls(redis, calls);
  return jobs.map((job, index) => (isPlain ? { id: job.id } : readReply(job, String(replies[index]))));
}

/** All of them or none. @returns their replies */
async function runCalls(redis: Broker['redis'], calls: readonly ScriptCall[]): Promise<Reply[]> {
  if (calls.length === 1) return [await runScript(redis, calls[0]!.script, calls[0]!.args)];
  const transaction = [
    ['MULTI'],
    ...calls.map(({ script, args }) => ['EVALSHA', script.sha1, script.keyCount, ...args]),
    ['EXEC'],
  ];
  const run = async (): Promise<Reply[]> => {
    // A script that Redis does not know would break the transaction in the middle.
    await loadScripts(redis, calls);
    return unwrapEach(unwrap<Reply[]>((await redis.pipeline(transaction)).at(-1)));
  };
  return run().catch((error: unknown) => {
    // Somebody made Redis forget its scripts just then: none of the jobs was stored.
    if (isUnknownScript(error)) return run();
    throw error;
  });
}

interface ScriptCall {
  script: Script;
  args: Argument[];
}

/** The replies of a transaction; one of its commands that fails does not undo the others. @throws ReplyError the first error */
function unwrapEach(replies: Reply[]): Reply[] {
  for (const reply of replies as (Reply | Error)[]) if (reply instanceof Error) throw new ReplyError(reply.message);
  return replies;
}

async function loadScripts(redis: Broker['redis'], calls: readonly ScriptCall[]): Promise<void> {
  const scripts = [...new Set(calls.map(({ script }) => script))];
  for (const reply of await redis.pipeline(scripts.map(({ source }) => ['SCRIPT', 'LOAD', source]))) unwrap(reply);
}

/** The script and the arguments with which BullMQ's `Queue.add` would store this job; with an idempotency key, only once. */
function addCall({ keys }: Pick<Broker, 'keys'>, job: NewJob): ScriptCall {
  const kind = job.delayMs > 0 ? 'addDelayedJob' : job.priority > 0 ? 'addPrioritizedJob' : 'addStandardJob';
  const dedupeKey = job.dedupe ? `${keys.queue(job.queue, 'de')}:${job.dedupe.key}` : null;
  const head = [
    keys.queue(job.queue, ''),
    job.id,
    job.type,
    job.createdAt,
    null,
    null,
    undefined,
    undefined,
    dedupeKey,
    null,
  ];
  const scriptKeys = ADD_KEYS[kind].map((part) => keys.queue(job.queue, part));
  const values = [pack(head), JSON.stringify(job.payload), pack(engineOptions(job))];
  if (!isKeyed(job)) return { script: ENGINE[kind], args: [...scriptKeys, ...values] };
  const ownKeys = [keys.job(job.queue, job.id), keys.keyUse(job.queue, job.id)];
  return {
    script: KEYED[kind],
    args: [...scriptKeys, ...ownKeys, ...values, renderKeyUse(job), KEY_KEPT_MS],
  };
}

const KEYED = {
  addStandardJob: addKeyed(ENGINE.addStandardJob),
  addDelayedJob: addKeyed(ENGINE.addDelayedJob),
  addPrioritizedJob: addKeyed(ENGINE.addPrioritizedJob),
} as const;

/** A call for each queue, its jobs in order. */
function addManyCalls({ keys }: Pick<Broker, 'keys'>, jobs: readonly NewJob[]): ScriptCall[] {
  return [...Map.groupBy(jobs, ({ queue }) => queue)].map(([queue, each]) => ({
    script: ADD_MANY,
    args: [
      ...ADD_MANY_KEYS.map((part) => keys.queue(queue, part)),
      keys.queue(queue, ''),
      ...each.flatMap((job) => [
        job.id,
        job.type,
        JSON.stringify(job.payload),
        JSON.stringify(engineOptions(job)),
        job.createdAt,
        job.delayMs,
        job.priority,
      ]),
    ],
  }));
}

const ADD_MANY_KEYS = ['wait', 'active', 'prioritized', 'delayed', 'events', 'meta', 'id', 'pc', 'marker'] as const;

const ADD_KEYS = {
  addStandardJob: ['wait', 'paused', 'meta', 'id', 'completed', 'delayed', 'active', 'events', 'marker'],
  addDelayedJob: ['marker', 'meta', 'id', 'delayed', 'completed', 'events'],
  addPrioritizedJob: ['marker', 'meta', 'id', 'prioritized', 'delayed', 'completed', 'active', 'events', 'pc'],
} as const satisfies Record<string, readonly QueuePart[]>;

function engineOptions(job: NewJob): Record<string, unknown> {
  const { type, delayMs, jitter } = job.backoff;
  return {
    attempts: job.attempts,
    backoff: { type, delay: delayMs, jitter },
    jobId: job.id,
    ...(job.delayMs > 0 ? { delay: job.delayMs } : {}),
    ...(job.priority > 0 ? { priority: job.priority } : {}),
    removeOnComplete: { age: Math.ceil(job.keepCompleted.ageMs / 1000), count: job.keepCompleted.count },
    // A dead job must stay: the failed set is the dead-letter queue.
    removeOnFail: false,
    ...(job.dedupe
      ? { de: { id: job.dedupe.key, ...(job.dedupe.ttlMs === undefined ? {} : { ttl: job.dedupe.ttlMs }) } }
      : {}),
    jq: { ...job.extras, ...(job.idempotency && { fingerprint: job.idempotency.fingerprint }) },
  };
}
