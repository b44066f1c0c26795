import type { DeadLetterCopy } from '../../broker/dead-letter-copies.ts';
import { isoTime, toTime } from '../../lib/time.ts';

const VERSION = 1;

/** A dead letter as one line of an archive: what people look for first, then all of it as Redis has it. */
export function renderLine({ queue, id, score, fields, logs, once }: DeadLetterCopy): string {
  const diedAt = toTime(Number(score));
  return `${JSON.stringify({
    jobqueue: VERSION,
    queue,
    id,
    type: fields.name ?? '',
    diedAt: diedAt === undefined ? null : isoTime(diedAt),
    error: fields.failedReason ?? null,
    score,
    fields,
    logs,
    once,
  })}\n`;
}

/** The names under which BullMQ keeps other things than jobs. */
const NO_JOB = new Set(
  'wait paused active delayed prioritized completed failed waiting-children meta id events marker pc repeat stalled limiter'.split(
    ' ',
  ),
);

/** A line of an archive, or what is wrong with it. */
export function parseLine(line: string): DeadLetterCopy | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'not JSON';
  }
  const { jobqueue, queue, id, score, fields, logs = [], once = {} } = (value ?? {}) as Record<string, unknown>;
  if (jobqueue !== VERSION) return `expected "jobqueue": ${VERSION}, as jq dlq archive writes it`;
  if (typeof queue !== 'string' || !/^[^:]+$/.test(queue)) return 'expected "queue" to be the name of a queue';
  if (typeof id !== 'string' || !/^[^:]+(:[^:]+){0,2}$/.test(id) || NO_JOB.has(id))
    return 'expected "id" to be the id of a job';
  if (typeof score !== 'string' || !/^\d+(\.\d+)?$/.test(score)) return 'expected "score" to be a number, as text';
  if (!isTexts(fields) || !('name' in fields && 'data' in fields && 'timestamp' in fields)) {
    return 'expected "fields" to be an object of texts with "name", "data" and "timestamp"';
  }
  if (!Array.isArray(logs) || !isTexts({ ...logs })) return 'expected "logs" to be a list of texts';
  if (!isTexts(once)) return 'expected "once" to be an object of texts';
  return { queue, id, score, fields, logs: logs as string[], once };
}

const isTexts = (value: unknown): value is Record<string, string> =>
  value !== null &&
  typeof value === 'object' &&
  !Array.isArray(value) &&
  Object.values(value).every((each) => typeof each === 'string');
