import { addDelayedJob } from 'bullmq/dist/esm/scripts/addDelayedJob-6.js';
import { addPrioritizedJob } from 'bullmq/dist/esm/scripts/addPrioritizedJob-9.js';
import { addStandardJob } from 'bullmq/dist/esm/scripts/addStandardJob-9.js';
import { cleanJobsInSet } from 'bullmq/dist/esm/scripts/cleanJobsInSet-3.js';
import { extendLocks } from 'bullmq/dist/esm/scripts/extendLocks-1.js';
import { moveToFinished } from 'bullmq/dist/esm/scripts/moveToFinished-14.js';
import { pause } from 'bullmq/dist/esm/scripts/pause-7.js';
import { promote } from 'bullmq/dist/esm/scripts/promote-9.js';
import { removeJob } from 'bullmq/dist/esm/scripts/removeJob-2.js';
import { removeJobScheduler } from 'bullmq/dist/esm/scripts/removeJobScheduler-3.js';
import { Packr, RESET_BUFFER_MODE } from 'msgpackr';
import { createScript, type Script } from './script.ts';

// BullMQ's own Lua, taken from its package one by one: what a job is in Redis stays BullMQ's business, and a short
// command need not load the whole engine to add a job. The arguments are those of its redis-queue-backend.

const fromEngine = ({ content, keys }: { content: string; keys: number }): Script => createScript(content, keys);

export const ENGINE = {
  addStandardJob: fromEngine(addStandardJob),
  addDelayedJob: fromEngine(addDelayedJob),
  addPrioritizedJob: fromEngine(addPrioritizedJob),
  removeJob: fromEngine(removeJob),
  removeJobScheduler: fromEngine(removeJobScheduler),
  pause: fromEngine(pause),
  promote: fromEngine(promote),
  cleanJobsInSet: fromEngine(cleanJobsInSet),
  extendLocks: fromEngine(extendLocks),
} as const;

const { content } = moveToFinished;
const beginOfMain = content.indexOf('local jobIdKey = KEYS[12]');

/** Scripts that are part of ours; of one, the functions alone, which are all that adding and finishing jobs takes. */
export const ENGINE_SOURCES = {
  moveToFinished: content,
  functions: content.slice(0, beginOfMain),
  cleanJobsInSet: cleanJobsInSet.content,
} as const;

const packer = new Packr({ useRecords: false, encodeUndefinedAsNil: true });

/** MessagePack as BullMQ's scripts read it: a copy, so that the packer can write over its own bytes the next time. */
export const pack = (value: unknown): Buffer => Buffer.from(packer.pack(value, RESET_BUFFER_MODE));
