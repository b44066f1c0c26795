import type { AttemptFailure, JobDetail } from '../../src/jobs/job.ts';
import { now } from '../../src/lib/clock.ts';
import { renderApproximateDuration } from '../../src/lib/duration.ts';
import type { Json } from '../../src/lib/json.ts';
import { cleanLine, cleanText, count, pad } from '../../src/lib/text.ts';
import { agoTime, isoTime } from '../../src/lib/time.ts';
import { jsonText } from '../framework/json-text.ts';
import type { Paint, Style } from '../framework/terminal.ts';

interface RenderOptions {
  paint: Paint;
  /** Also say how long ago it was. */
  relative: boolean;
}

const STATE_STYLES: Partial<Record<JobDetail['state'], Style>> = { completed: 'green', failed: 'red', active: 'cyan' };

/** The life of a job for people: head, timeline, then payload, result, error and log, each when there is one. */
export function renderJob(job: JobDetail, { paint, relative }: RenderOptions): string {
  const heading = (text: string) => paint('bold', text);
  const parts = [
    `${heading(cleanLine(job.type))}  ${paint(STATE_STYLES[job.state] ?? 'yellow', job.state)}  ${job.attempts}/${job.maxAttempts} attempts`,
    renderFacts(job),
    `${heading('Timeline')}\n${renderTimeline(job, relative)}`,
    `${heading('Payload')}\n${renderJson(job.payload)}`,
    job.state === 'completed' ? `${heading('Result')}\n${renderJson(job.result)}` : '',
    job.error === null ? '' : `${heading('Error')}\n${renderError(job)}`,
    job.logs.length === 0 ? '' : `${heading('Log')}\n${indent(job.logs.map(cleanLine))}`,
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

function renderFacts(job: JobDetail): string {
  const facts: [string, string][] = [
    ['id', job.id],
    ['queue', job.queue],
    ['priority', job.priority === 0 ? '' : String(job.priority)],
    [
      'progress',
      job.progress === 0 || job.progress === null
        ? ''
        : typeof job.progress === 'number'
          ? `${job.progress}%`
          : jsonText(job.progress),
    ],
    ['replays', job.replays === 0 ? '' : String(job.replays)],
  ];
  return indent(
    facts.filter(([, value]) => value !== '').map(([name, value]) => `${pad(name, 8)}  ${cleanLine(value)}`),
  );
}

interface Moment {
  at: Date | null;
  what: string;
}

function renderTimeline(job: JobDetail, relative: boolean): string {
  const moments: Moment[] = [
    { at: job.createdAt, what: 'added' },
    ...job.failures.map((failure, index) => ({ at: failure.at, what: renderAttempt(failure, index) })),
    ...(job.state === 'active' ? [{ at: job.startedAt, what: `attempt ${job.attempts + 1} started` }] : []),
    ...(job.nextRunAt ? [{ at: job.nextRunAt, what: 'due again' }] : []),
    ...(job.state === 'completed' ? [{ at: job.finishedAt, what: `completed${ranFor(job)}` }] : []),
    ...(job.state === 'failed' ? [{ at: job.finishedAt, what: 'dead' }] : []),
  ];
  return indent(
    moments.map(
      ({ at, what }) =>
        `${pad(at ? isoTime(at.getTime()) : '–', 24)}  ${what}${relative && at ? sinceOrUntil(at) : ''}`,
    ),
  );
}

function renderAttempt({ attempt, worker, durationMs, error }: AttemptFailure, index: number): string {
  const ran = durationMs === null ? '' : ` after ${renderApproximateDuration(durationMs)}`;
  const where = worker === null ? '' : ` on ${cleanLine(worker)}`;
  return `attempt ${attempt ?? index + 1} failed${ran}${where}: ${cleanLine(error)}`;
}

const ranFor = ({ startedAt, finishedAt }: JobDetail): string =>
  startedAt && finishedAt ? ` after ${renderApproximateDuration(finishedAt.getTime() - startedAt.getTime())}` : '';

function sinceOrUntil(at: Date): string {
  const left = at.getTime() - now();
  return left > 0 ? `  (in ${renderApproximateDuration(left)})` : `  (${agoTime(at.getTime())})`;
}

function renderError(job: JobDetail): string {
  const stack = job.failures.at(-1)?.stack ?? [];
  return indent([...cleanText(job.error!).split('\n'), ...foldFrames(stack.map(cleanLine))]);
}

const FOREIGN_FRAME = /node_modules|node:internal/;
/** Where the handler is called: all below is this program. */
const CALLER_FRAME = /^at (async )?runJob\b/;

/** Stack lines with each run of frames that are not the user's as one line. */
export function foldFrames(frames: readonly string[]): string[] {
  const caller = frames.findIndex((frame) => CALLER_FRAME.test(frame));
  const folded: string[] = [];
  let run = 0;
  const flush = () => {
    if (run > 0) folded.push(`  … ${count(run, 'frame')} of packages`);
    run = 0;
  };
  for (const frame of frames.slice(0, caller === -1 ? undefined : caller)) {
    if (FOREIGN_FRAME.test(frame)) run += 1;
    else {
      flush();
      folded.push(`  ${frame}`);
    }
  }
  flush();
  return folded;
}

const renderJson = (value: Json): string => indent(jsonText(value, 2).split('\n'));
const indent = (lines: readonly string[]): string => lines.map((line) => `  ${line}`).join('\n');
