import type { JobJson, JobsOptions } from 'bullmq';
import { renderSize } from '../../lib/size.ts';
import type { Broker } from '../broker.ts';
import { type Argument, type Reply, unwrap } from '../redis.ts';
import { READ_FIELDS_WITHIN, READ_TAIL_WITHIN } from '../scripts/read-within.ts';

/** A job as BullMQ takes it from Redis; with `isCut`, what was too large has a note in its place. */
export interface ReadJob {
  json: JobJson;
  isCut: boolean;
}

/** The most that is read of one field, and of a page of jobs. Programs other than ours may store jobs of any size. */
const FIELD_BYTES = 1024 * 1024;
const PAGE_BYTES = 8 * 1024 * 1024;
const LOG_LINES = 1000;
const LOG_BYTES = 1024 * 1024;

/** BullMQ's names for the fields of a job's hash. */
const FIELDS = [
  'name',
  'data',
  'opts',
  'progress',
  'returnvalue',
  'failedReason',
  'stacktrace',
  'timestamp',
  'delay',
  'priority',
  'processedOn',
  'finishedOn',
  'atm',
  'ats',
  'stc',
  'rjk',
  'deid',
  'defa',
  'pb',
  'parentKey',
  'parent',
] as const;
type Field = (typeof FIELDS)[number];

/** The jobs with these ids, in order and in one round trip, however large they are; those that are gone are left out. */
export async function readJobHashes(
  { redis, keys }: Broker,
  queue: string,
  ids: readonly string[],
): Promise<ReadJob[]> {
  if (ids.length === 0) return [];
  const bytes = Math.min(FIELD_BYTES, Math.floor(PAGE_BYTES / ids.length));
  const replies = await redis.pipeline(
    ids.map((id) => evaluate(READ_FIELDS_WITHIN, keys.job(queue, id), bytes, ...FIELDS)),
  );
  return ids.flatMap((id, index) => decode(id, unwrap<(string | number | null)[]>(replies[index])) ?? []);
}

/** The last log lines of a job, and how many it has. */
export async function readLogTail(
  { redis, keys }: Broker,
  queue: string,
  id: string,
): Promise<{ logs: string[]; count: number }> {
  const [reply] = await redis.pipeline([evaluate(READ_TAIL_WITHIN, keys.logs(queue, id), LOG_LINES, LOG_BYTES)]);
  const [count, ...logs] = unwrap<[number, ...string[]]>(reply);
  return { logs, count };
}

const evaluate = (script: typeof READ_FIELDS_WITHIN, key: string, ...args: Argument[]): Argument[] => [
  'EVAL',
  script.source,
  script.keyCount,
  key,
  ...args,
];

function decode(id: string, values: readonly (string | number | null)[]): ReadJob | undefined {
  if (values.every((value) => value === null)) return undefined;
  const value = (field: Field): Reply => values[FIELDS.indexOf(field)] as Reply;
  const text = (field: Field): string | undefined => {
    const found = value(field);
    return typeof found === 'number' ? note(found) : ((found as string | null) ?? undefined);
  };
  /** JSON as BullMQ takes it: what is none, or too large, is a text in JSON. */
  const json = (field: Field): string | undefined => {
    const found = text(field);
    return found === undefined || isJson(found) ? found : JSON.stringify(found);
  };
  const number = (field: Field): number | undefined => {
    const found = Number(text(field) ?? Number.NaN);
    return Number.isFinite(found) ? found : undefined;
  };
  const stack = json('stacktrace');
  const parsed = {
    id,
    name: text('name') ?? '',
    data: json('data') ?? '{}',
    opts: asObject(json('opts')) as JobsOptions,
    progress: JSON.parse(json('progress') ?? '0') as JobJson['progress'],
    returnvalue: json('returnvalue'),
    failedReason: text('failedReason'),
    stacktrace: stack === undefined || Array.isArray(JSON.parse(stack)) ? stack : JSON.stringify([JSON.parse(stack)]),
    timestamp: number('timestamp') ?? 0,
    delay: number('delay') ?? 0,
    priority: number('priority') ?? 0,
    processedOn: number('processedOn'),
    finishedOn: number('finishedOn'),
    attemptsMade: number('atm') ?? 0,
    attemptsStarted: number('ats') ?? 0,
    stalledCounter: number('stc') ?? 0,
    repeatJobKey: text('rjk'),
    deduplicationId: text('deid'),
    deferredFailure: text('defa'),
    processedBy: text('pb'),
    parentKey: text('parentKey'),
    parent: text('parent') === undefined ? undefined : asObject(json('parent')),
  };
  return { json: parsed as JobJson, isCut: values.some((each) => typeof each === 'number') };
}

const note = (bytes: number): string => `(${renderSize(bytes)}: too large to show)`;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function asObject(json: string | undefined): object {
  const value = JSON.parse(json ?? '{}') as unknown;
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}
