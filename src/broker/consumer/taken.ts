import { type Job as EngineJob, type JobJson, type JobsOptions, raw2NextJobData } from 'bullmq';
import type { Json } from '../../lib/json.ts';
import { toTime } from '../../lib/time.ts';
import type { JobExtras } from '../new-job.ts';

/** A job in hand: what every attempt needs of it. BullMQ's own object, which most attempts never need, is made on demand. */
export interface Taken {
  readonly id: string;
  readonly name: string;
  readonly data: Json;
  readonly options: TakenOptions;
  readonly timestamp: number;
  readonly attemptsMade: number;
  readonly attemptsStarted: number;
  readonly stalledCounter: number;
  engineJob(): EngineJob;
}

/** What of a job's options concerns its run. */
export interface TakenOptions {
  readonly maxAttempts: number;
  readonly delayMs: number;
  readonly removeOnComplete: JobsOptions['removeOnComplete'];
  readonly extras: Partial<JobExtras>;
}

/** How many log lines are kept with a job. */
const KEPT_LOGS = 1000;

export function takenFromEngine(job: EngineJob): Taken {
  return {
    id: job.id!,
    name: job.name,
    data: job.data as Json,
    options: readOptions(job.opts),
    timestamp: job.timestamp,
    attemptsMade: job.attemptsMade,
    attemptsStarted: job.attemptsStarted,
    stalledCounter: job.stalledCounter,
    engineJob: () => job,
  };
}

/** Reads jobs as FINISH_MANY hands them out; @returns undefined for one that has more to it than to be run */
export type ReadTaken = (hash: readonly string[], id: string) => Taken | undefined;

export function createTakenReader(createJob: (json: JobJson, id: string) => EngineJob): ReadTaken {
  // Jobs that come one after the other most often have the same options.
  let [lastText, lastOptions] = ['{}', readOptions({})];
  function optionsOf(text: string): TakenOptions {
    if (text !== lastText) [lastOptions, lastText] = [readOptions(JSON.parse(text) as JobsOptions), text];
    return lastOptions;
  }
  return (hash, id) => {
    let [name, data, opts, timestamp, made, starts, stalls] = ['', '', '', '', '0', '0', '0'];
    for (let index = 0; index < hash.length; index += 2) {
      const value = hash[index + 1]!;
      switch (hash[index]) {
        case 'name':
          name = value;
          break;
        case 'data':
          data = value;
          break;
        case 'opts':
          opts = value;
          break;
        case 'timestamp':
          timestamp = value;
          break;
        case 'atm':
          made = value;
          break;
        case 'ats':
          starts = value;
          break;
        case 'stc':
          stalls = value;
          break;
        // A scheduler is to make the next one; a failure was put off until now.
        case 'rjk':
        case 'defa':
          return undefined;
      }
    }
    let engineJob: EngineJob | undefined;
    return {
      id,
      name,
      data: JSON.parse(data || '{}') as Json,
      options: optionsOf(opts || '{}'),
      timestamp: Number(timestamp),
      attemptsMade: Number(made),
      attemptsStarted: Number(starts),
      stalledCounter: Number(stalls),
      engineJob: () => (engineJob ??= ownJob(createJob(toJobJson(hash, id), id))),
    };
  };
}

/** A job as BullMQ's worker reads it. */
export const toJobJson = (hash: readonly string[], id: string): JobJson =>
  raw2NextJobData([hash, id, 0, 0])[0] as JobJson;

/** Sees to it that a job which dies here stays. */
export function ownJob(job: EngineJob): EngineJob {
  // A producer may have asked for the opposite, but a dead job that is not kept is lost.
  job.opts.removeOnFail = false;
  job.opts.keepLogs ??= KEPT_LOGS;
  return job;
}

function readOptions(options: JobsOptions): TakenOptions {
  return {
    maxAttempts: Math.max(1, options.attempts ?? 1),
    delayMs: options.delay ?? 0,
    removeOnComplete: options.removeOnComplete,
    extras: readExtras((options as { jq?: unknown }).jq),
  };
}

/** What of a job's extras concerns its run; they may come from any program, and so be anything. */
function readExtras(extras: unknown): Partial<JobExtras> {
  const { timeoutMs, expiresAt } = (extras ?? {}) as Record<string, unknown>;
  return {
    ...(typeof timeoutMs === 'number' && timeoutMs > 0 ? { timeoutMs } : {}),
    ...(typeof expiresAt === 'number' && toTime(expiresAt) !== undefined ? { expiresAt } : {}),
  };
}
