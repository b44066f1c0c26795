import { ENGINE, pack } from './engine-scripts.ts';
import { isKeyed, KEY_KEPT_MS, renderKeyUse } from './key-uses.ts';
import type { Keys, QueuePart } from './keys.ts';
import type { JobExtras, NewJob } from './new-job.ts';
import type { Argument } from './redis.ts';
import type { Script } from './script.ts';
import { addKeyed } from './scripts/add-keyed.ts';
import { ADD_MANY } from './scripts/add-many.ts';

/** A run of a script. */
export interface ScriptCall {
  script: Script;
  args: Argument[];
}

/** The script and the arguments with which BullMQ's `Queue.add` would store this job; with an idempotency key, only once. */
export function addCall(keys: Keys, job: NewJob): ScriptCall {
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

/** Characters of payload after which the next job is one of another call: Redis takes an argument of 512 MB at most. */
const LONG_TEXT = 16_000_000;

/** The same for several jobs of one queue, in order, that are all {@link isPlain}. They belong into one transaction. */
export function addManyCalls(keys: Keys, queue: string, jobs: readonly NewJob[]): ScriptCall[] {
  const head = [...ADD_MANY_KEYS.map((part) => keys.queue(queue, part)), keys.queue(queue, '')];
  const calls: ScriptCall[] = [];
  let [runs, list]: [Run[], string] = [[], ''];
  for (const [index, job] of jobs.entries()) {
    const run = runs.length > 0 && areAlike(job, jobs[index - 1]!) ? runs.at(-1)! : newRun(job);
    if (run[COUNT] === 0) runs.push(run);
    run[COUNT] += 1;
    list += `${job.id}\x1f${JSON.stringify(job.payload)}\x1e`;
    if (list.length < LONG_TEXT && index < jobs.length - 1) continue;
    calls.push({ script: ADD_MANY, args: [...head, JSON.stringify(runs), list] });
    [runs, list] = [[], ''];
  }
  return calls;
}

/** What jobs have in common, as the script has it, and how many they are. */
type Run = [...common: [string, string, string, string, string], jobs: number];
const COUNT = 5;

const newRun = (job: NewJob): Run => {
  // The id stands before it.
  const options = `",${JSON.stringify(commonOptions(job)).slice(1)}`;
  return [job.type, options, `${job.createdAt}`, `${job.delayMs}`, `${job.priority}`, 0];
};

/**
 * Whether two jobs of a queue differ in no more than id and payload, as neighbours mostly do. Written out: a loop over
 * names, two for each pair of jobs, took a thirtieth of the time of a posted job.
 */
const areAlike = (one: NewJob, other: NewJob): boolean =>
  one.type === other.type &&
  one.createdAt === other.createdAt &&
  one.delayMs === other.delayMs &&
  one.priority === other.priority &&
  one.attempts === other.attempts &&
  one.backoff.type === other.backoff.type &&
  one.backoff.delayMs === other.backoff.delayMs &&
  one.backoff.jitter === other.backoff.jitter &&
  one.keepCompleted.ageMs === other.keepCompleted.ageMs &&
  one.keepCompleted.count === other.keepCompleted.count &&
  haveLikeExtras(one.extras, other.extras);

const haveLikeExtras = (one: JobExtras, other: JobExtras): boolean =>
  one.timeoutMs === other.timeoutMs &&
  one.expiresAt === other.expiresAt &&
  one.by === other.by &&
  one.fingerprint === other.fingerprint;

/** What comes of a job with a key of either kind, only the scripts for single jobs say. */
export const isPlain = (job: NewJob): boolean => job.dedupe === undefined && !isKeyed(job);

const ADD_MANY_KEYS = ['wait', 'active', 'prioritized', 'delayed', 'events', 'meta', 'id', 'pc', 'marker'] as const;

const ADD_KEYS = {
  addStandardJob: ['wait', 'paused', 'meta', 'id', 'completed', 'delayed', 'active', 'events', 'marker'],
  addDelayedJob: ['marker', 'meta', 'id', 'delayed', 'completed', 'events'],
  addPrioritizedJob: ['marker', 'meta', 'id', 'prioritized', 'delayed', 'completed', 'active', 'events', 'pc'],
} as const satisfies Record<string, readonly QueuePart[]>;

const engineOptions = (job: NewJob): Record<string, unknown> => Object.assign(commonOptions(job), { jobId: job.id });

/** All of BullMQ's options but the id. */
function commonOptions(job: NewJob): Record<string, unknown> {
  const { type, delayMs, jitter } = job.backoff;
  return {
    attempts: job.attempts,
    backoff: { type, delay: delayMs, jitter },
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
