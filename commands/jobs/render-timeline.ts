import type { AttemptFailure, JobDetail } from '../../src/jobs/job.ts';
import { now } from '../../src/lib/clock.ts';
import { renderApproximateDuration } from '../../src/lib/duration.ts';
import { cleanLine, pad } from '../../src/lib/text.ts';
import { agoTime, isoTime, parseDate } from '../../src/lib/time.ts';

interface Moment {
  at: Date | null;
  what: string;
  details: readonly (string | false)[];
}

/** So many log lines stand in the timeline; the others are a command away. */
const LOG_LINES = 20;

/** Everything that is known to have happened to a job, in order, one line each; `relative`: also how long ago. */
export function renderTimeline(job: JobDetail, relative: boolean): string[] {
  const moments: Moment[] = [
    { at: job.createdAt, what: 'added', details: [job.addedBy !== null && `by ${job.addedBy}`] },
    ...(job.firstDueAt
      ? [{ at: job.firstDueAt, what: 'due', details: [`delayed ${between(job.createdAt, job.firstDueAt)}`] }]
      : []),
    ...job.failures.map((failure, index) => attemptOf(job, failure, index)),
    ...job.logs.slice(-LOG_LINES).map(logOf),
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
  ];
  const lines = inOrder(moments).map(({ at, what, details }) => {
    const time = pad(at ? isoTime(at.getTime()) : '–', 24);
    const words = [
      pad(what, 11),
      ...details.flatMap((each) => (each === false || each === '' ? [] : cleanLine(each))),
      relative && at ? sinceOrUntil(at) : '',
    ];
    return `${time}  ${words.filter(Boolean).join('  ')}`.trimEnd();
  });
  const hidden = job.logs.length - LOG_LINES;
  return hidden > 0
    ? [...lines, `… and ${hidden.toLocaleString('en-US')} log lines before: jq jobs logs ${cleanLine(job.id)}`]
    : lines;
}

function attemptOf(job: JobDetail, { attempt, at, worker, durationMs, error }: AttemptFailure, index: number): Moment {
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
function logOf(line: string): Moment {
  const [, time, rest] = /^(\S+) (.*)$/s.exec(line) ?? [];
  const at = time === undefined ? undefined : parseDate(time);
  return { at: at === undefined ? null : new Date(at), what: 'log', details: [at === undefined ? line : rest!] };
}

function endOf(job: JobDetail): Moment[] {
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
function inOrder(moments: readonly Moment[]): Moment[] {
  let last = 0;
  return moments
    .map((moment, index) => ({ moment, index, time: (last = moment.at?.getTime() ?? last) }))
    .toSorted((a, b) => a.time - b.time || a.index - b.index)
    .map(({ moment }) => moment);
}

const between = (from: Date, to: Date): string => renderApproximateDuration(to.getTime() - from.getTime());

function sinceOrUntil(at: Date): string {
  const left = at.getTime() - now();
  return left > 0 ? `(in ${renderApproximateDuration(left)})` : `(${agoTime(at.getTime())})`;
}
