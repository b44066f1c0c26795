import { createBatcher } from '../lib/batcher.ts';
import { monotonicMs } from '../lib/clock.ts';
import { addCall, addManyCalls, isPlain, type ScriptCall } from './add-calls.ts';
import type { Broker } from './broker.ts';
import { isKeyed, type KeyUse, parseKeyUse } from './key-uses.ts';
import type { Keys } from './keys.ts';
import type { NewJob } from './new-job.ts';
import { type Argument, type Redis, type Reply, ReplyError, unwrap } from './redis.ts';
import { isUnknownScript, runScript, scriptCall } from './script.ts';

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
export const addJobs = (broker: Broker, jobs: readonly NewJob[]): Promise<AddedJob[]> =>
  replicated(broker, jobs, () => storeJobs(broker, jobs));

/** The same for one. */
export const addJob = (broker: Broker, job: NewJob): Promise<AddedJob> =>
  replicated(broker, [job], () => storeJob(broker, job));

function replicated<Result>(
  { redis, target: { replicas }, keys }: Broker,
  jobs: readonly NewJob[],
  store: () => Promise<Result>,
): Promise<Result> {
  if (replicas === undefined) return store();
  return redis.replicated({ replicas, keys: jobs.map(({ queue }) => keys.queue(queue, '')) }, store);
}

async function storeJobs(broker: Broker, jobs: readonly NewJob[]): Promise<AddedJob[]> {
  if (jobs.length === 1) return [await storeJob(broker, jobs[0]!)];
  await registerQueues(broker, new Set(jobs.map((job) => job.queue)));
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
const register = (keys: Keys, queues: readonly string[]): Argument[][] => [
  ['SADD', keys.queues, ...queues],
  ...queues.map((queue) => ['HSETNX', keys.queue(queue, 'meta'), 'version', ENGINE_VERSION]),
];

async function registerQueues(broker: Broker, queues: ReadonlySet<string>): Promise<void> {
  const fresh = [...queues].filter((queue) => !isRegistered(queueOf(broker, queue)));
  if (fresh.length === 0) return;
  await broker.redis.pipeline(register(broker.keys, fresh));
  if (!broker.redis.isLasting) return;
  for (const queue of fresh) queueOf(broker, queue).registeredUntil = monotonicMs() + REGISTERED_MS;
}

const ENGINE_VERSION = 'bullmq:6.7.0';

function storeJob(broker: Broker, job: NewJob): Promise<AddedJob> {
  const queue = queueOf(broker, job.queue);
  // One by one while answers are missing: how many there are then says how much Redis was sent in vain.
  if (isPlain(job) && isRegistered(queue) && !broker.redis.isLate) return queue.add(job);
  return storeAlone(broker, queue, job);
}

async function storeAlone({ redis, keys }: Broker, queue: KnownQueue, job: NewJob): Promise<AddedJob> {
  const { script, args } = addCall(keys, job);
  if (isRegistered(queue)) return readReply(job, String(await runScript(redis, script, args)));
  const replies = await redis.pipeline([...register(keys, [job.queue]), scriptCall(redis, script, args)]);
  const last = replies.at(-1);
  const reply = isUnknownScript(last) ? await runScript(redis, script, args) : unwrap(last);
  if (redis.isLasting) queue.registeredUntil = monotonicMs() + REGISTERED_MS;
  return readReply(job, String(reply));
}

/** What a lasting connection keeps in mind of a queue. */
interface KnownQueue {
  /** Until when it may be taken for registered; even one that is not is found by the search for queues. */
  registeredUntil: number;
  /** Stores a plain job, together with others that come in the same turn of the event loop. */
  add(job: NewJob): Promise<AddedJob>;
}
/** By the keys of a connection, and by name. */
const knownQueues = new WeakMap<Keys, Map<string, KnownQueue>>();
/** Jobs with which a call is worth its while: Redis stores them while the next ones come in. */
const ENOUGH = 32;
const REGISTERED_MS = 60_000;

const isRegistered = (queue: KnownQueue): boolean => monotonicMs() < queue.registeredUntil;

function queueOf({ redis, keys }: Broker, name: string): KnownQueue {
  let queues = knownQueues.get(keys);
  if (!queues) knownQueues.set(keys, (queues = new Map()));
  let queue = queues.get(name);
  if (!queue) {
    const add = createBatcher((jobs: readonly NewJob[]) => addBatch({ redis, keys }, jobs), { enough: ENOUGH });
    queues.set(name, (queue = { registeredUntil: 0, add }));
  }
  return queue;
}

async function addBatch({ redis, keys }: Pick<Broker, 'redis' | 'keys'>, jobs: readonly NewJob[]): Promise<AddedJob[]> {
  if (jobs.length === 1 || !jobs.every(isPlain)) {
    const replies = await runCalls(
      redis,
      jobs.map((job) => addCall(keys, job)),
    );
    return jobs.map((job, index) => readReply(job, String(replies[index])));
  }
  const byQueue = Map.groupBy(jobs, ({ queue }) => queue);
  await runCalls(
    redis,
    [...byQueue].flatMap(([queue, each]) => addManyCalls(keys, queue, each)),
  );
  return jobs.map(({ id }) => ({ id }));
}

/** All of them or none. @returns their replies */
async function runCalls(redis: Redis, calls: readonly ScriptCall[]): Promise<Reply[]> {
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

/** The replies of a transaction; one of its commands that fails does not undo the others. @throws ReplyError the first error */
function unwrapEach(replies: Reply[]): Reply[] {
  for (const reply of replies as (Reply | Error)[]) if (reply instanceof Error) throw new ReplyError(reply.message);
  return replies;
}

async function loadScripts(redis: Redis, calls: readonly ScriptCall[]): Promise<void> {
  const scripts = [...new Set(calls.map(({ script }) => script))];
  for (const reply of await redis.pipeline(scripts.map(({ source }) => ['SCRIPT', 'LOAD', source]))) unwrap(reply);
}
