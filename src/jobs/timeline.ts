import { renderApproximateDuration } from '../lib/duration.ts';
import { parseDate } from '../lib/time.ts';
import type { AttemptFailure, JobDetail } from './job.ts';

/** Something that happened to a job. */
export interface Moment {
  /** Null where it is not known. */
  at: Date | null;
  what: string;
  /** Text of jobs among them, not cleaned. */
  details: readonly string[];
}

type Draft = Omit<Moment, 'details'> & { details: readonly (string | false)[] };

/** Everything that is known to have happened to a job, in order, with the last `logLines` of its log lines. */
export function timelineOf(job: JobDetail, logLines: number): Moment[] {
  return inOrder([
    { at: job.createdAt, what: 'added', details: [job.addedBy !== null && `by ${job.addedBy}`] },
    ...(job.firstDueAt
      ? [{ at: job.firstDueAt, what: 'due', details: [`delayed ${between(job.createdAt, job.firstDueAt)}`] }]
      : []),
    ...job.failures.map((failure, index) => attemptOf(job, failure, index)),
    ...(logLines > 0 ? job.logs.slice(-logLines).map(logOf) : []),
    ...(job.lastReplay
      ? [
          {
            at: job.lastReplay.at,
            what: 'replayed',
            details: [job.lastReplay.by !== null && `by ${job.lastReplay.by}`],
          },
        ]
      : []),
    ...endOf(job),
  ]).map(({ details, ...moment }) => ({
    ...moment,
    details: details.flatMap((each) => (each === false || each === '' ? [] : each)),
  }));
}

function attemptOf(job: JobDetail, { attempt, at, worker, durationMs, error }: AttemptFailure, index: number): Draft {
  const before = job.failures[index - 1];
  const endBefore = before?.at && before.durationMs !== null ? new Date(before.at.getTime() + before.durationMs) : null;
  const known = index === 0 ? (job.firstDueAt ?? job.createdAt) : endBefore;
  const replayedAt = job.lastReplay?.at;
  // A dead job waits for nothing until it is replayed.
  const from = replayedAt && at && replayedAt <= at && (known === null || replayedAt > known) ? replayedAt : known;
  return {
    at,
    what: `attempt ${attempt ?? index + 1}`,
    details: [
      worker ?? false,
      at !== null && from !== null && at > from && `waited ${between(from, at)}`,
      durationMs !== null && `ran ${renderApproximateDuration(durationMs)}`,
      error,
    ],
  };
}

/** A line as our handlers write it begins with its time; those of others have none. */
function logOf(line: string): Draft {
  const [, time, rest] = /^(\S+) (.*)$/s.exec(line) ?? [];
  const at = time === undefined ? undefined : parseDate(time);
  return { at: at === undefined ? null : new Date(at), what: 'log', details: [at === undefined ? line : rest!] };
}

function endOf(job: JobDetail): Draft[] {
  const progress = typeof job.progress === 'number' && job.progress > 0 && `${job.progress}% done`;
  switch (job.state) {
    case 'active':
      return [{ at: job.startedAt, what: `attempt ${job.attempts + 1}`, details: ['runs', progress] }];
    case 'completed': {
      const ran = job.startedAt && job.finishedAt && `ran ${between(job.startedAt, job.finishedAt)}`;
      return [{ at: job.finishedAt, what: 'completed', details: [ran ?? false] }];
    }
    case 'failed':
      return [{ at: job.finishedAt, what: 'dead', details: [job.attempts >= job.maxAttempts && 'attempts used up'] }];
    default:
      return job.nextRunAt && job.nextRunAt.getTime() !== job.firstDueAt?.getTime()
        ? [{ at: job.nextRunAt, what: 'due again', details: [] }]
        : [];
  }
}

/** By time; what has none stays behind what it followed. */
function inOrder(moments: readonly Draft[]): Draft[] {
  let last = 0;
  return moments
    .map((moment, index) => ({ moment, index, time: (last = moment.at?.getTime() ?? last) }))
    .toSorted((a, b) => a.time - b.time || a.index - b.index)
    .map(({ moment }) => moment);
}

const between = (from: Date, to: Date): string => renderApproximateDuration(to.getTime() - from.getTime());
