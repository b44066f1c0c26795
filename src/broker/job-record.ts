import { asObject, type Json } from '../lib/json.ts';
import { toTime } from '../lib/time.ts';
import type { JobExtras } from './new-job.ts';

/** The hash of one BullMQ job, decoded. Written by any client of any age, so nothing in it is taken for granted. */
export interface JobRecord {
  id: string;
  queue: string;
  type: string;
  payload: Json;
  attemptsMade: number;
  /** Times it was started, never reset: the fence. */
  attemptsStarted: number;
  maxAttempts: number;
  priority: number;
  delayMs: number;
  /** The delay that it was added with. */
  delayAtFirstMs: number;
  createdAt: number;
  processedAt: number | null;
  finishedAt: number | null;
  progress: Json;
  result: Json;
  error: string | null;
  /** One text per failed attempt, oldest first. */
  stacktrace: string[];
  replays: number;
  /** The replay that put it back last. */
  batch: string | null;
  extras: Partial<JobExtras>;
}

/** The fields that a {@link JobRecord} is made of, in the order of {@link decodeJob}'s values. */
export const JOB_FIELDS = [
  'name',
  'data',
  'opts',
  'timestamp',
  'processedOn',
  'finishedOn',
  'atm',
  'ats',
  'priority',
  'delay',
  'progress',
  'returnvalue',
  'failedReason',
  'stacktrace',
  'jq:replayed',
] as const;
export type JobField = (typeof JOB_FIELDS)[number];

/** @returns `undefined` for a job that is gone: `values` are all null */
export function decodeJob(queue: string, id: string, values: readonly (string | null)[]): JobRecord | undefined {
  const [
    name,
    data,
    opts,
    timestamp,
    processedOn,
    finishedOn,
    atm,
    ats,
    priority,
    delay,
    progress,
    returnvalue,
    failedReason,
    stacktrace,
    replayed,
  ] = values;
  if (name == null && data == null && timestamp == null) return undefined;
  const options = asObject(decode(opts));
  const [replays, batch] = replayed?.split(' ') ?? [];
  return {
    id,
    queue,
    type: name ?? '',
    payload: decode(data),
    attemptsMade: toNumber(atm),
    attemptsStarted: toNumber(ats),
    maxAttempts: Math.max(1, Number(options.attempts ?? 1) || 1),
    priority: toNumber(priority),
    delayMs: toNumber(delay),
    delayAtFirstMs: Math.max(0, Number(options.delay ?? 0) || 0),
    createdAt: timeOf(timestamp) ?? 0,
    processedAt: timeOf(processedOn),
    finishedAt: timeOf(finishedOn),
    progress: decode(progress) ?? 0,
    result: decode(returnvalue),
    error: failedReason ?? null,
    stacktrace: asTexts(decode(stacktrace)),
    replays: toNumber(replays),
    batch: batch ?? null,
    extras: asObject(options.jq ?? null) as Partial<JobExtras>,
  };
}

const toNumber = (text: string | null | undefined): number => (Number.isFinite(Number(text)) ? Number(text) : 0);

const timeOf = (text: string | null | undefined): number | null =>
  text == null ? null : (toTime(Number(text)) ?? null);

function decode(text: string | null | undefined): Json {
  if (text == null) return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

const asTexts = (value: Json): string[] =>
  Array.isArray(value) ? value.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))) : [];
