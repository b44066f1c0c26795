import { foldFrames } from '../../jobs/fold-frames.ts';
import type { JobDetail } from '../../jobs/job.ts';
import { timelineOf } from '../../jobs/timeline.ts';
import type { Json } from '../../lib/json.ts';
import { maskJson } from '../../lib/mask-secrets.ts';
import { cleanText, pad } from '../../lib/text.ts';
import { age, type Cell, span, textOf } from '../cells.ts';
import { clockTime } from '../clock-time.ts';
import type { JobTab } from '../places.ts';
import { wrap } from '../wrap.ts';

interface Wish {
  tab: JobTab;
  width: number;
  unmasked: boolean;
  unfolded: boolean;
  /** What ages are told from, epoch ms. */
  at: number;
}

/** What a payload or a log may have more is a command away. */
const MOST_LINES = 5000;
const LOGS_IN_OVERVIEW = 8;

/** One job in lines that fit in `width` columns. */
export function jobText(job: JobDetail, wish: Wish): Cell[] {
  const lines = TABS[wish.tab](job, wish).flatMap((line) => wrapCell(line, wish.width));
  if (lines.length <= MOST_LINES) return lines;
  // Of a log the end matters, of anything else the beginning.
  return wish.tab === 'logs' ? lines.slice(-MOST_LINES) : [...lines.slice(0, MOST_LINES), faint('… cut here')];
}

const TABS: Record<JobTab, (job: JobDetail, wish: Wish) => Cell[]> = {
  overview: (job, wish) =>
    [
      facts(job, wish),
      section('Timeline', timeline(job, wish)),
      section('Error', error(job, wish)),
      section('Payload', payload(job, wish)),
      section('Result', result(job, wish)),
      section(`Logs, the last ${LOGS_IN_OVERVIEW}`, logs(job).slice(-LOGS_IN_OVERVIEW)),
    ].flat(),
  payload: (job, wish) => payload(job, wish),
  error: (job, wish) =>
    job.failures.length === 0 && job.error === null ? [faint('No attempt failed.')] : attempts(job, wish),
  logs: (job) => (job.logs.length === 0 ? [faint('It has logged nothing yet.')] : logs(job)),
  result: (job, wish) => (job.state === 'completed' ? result(job, wish) : [faint('It has no result yet.')]),
  options: ({ options }, { unmasked }) => json(options, unmasked),
};

function section(title: string, lines: readonly Cell[]): Cell[] {
  return lines.length === 0 ? [] : ['', { text: title, tone: 'strong' }, ...lines];
}

function facts(job: JobDetail, { at }: Wish): Cell[] {
  const { priority, replays, starts, attempts: used, progress, nextRunAt } = job;
  return [
    [
      `added ${ago(job.createdAt, at)}`,
      job.startedAt === null ? '' : `started ${ago(job.startedAt, at)}`,
      job.finishedAt === null ? '' : `ended ${ago(job.finishedAt, at)}`,
      nextRunAt === null ? '' : `due ${clockTime(nextRunAt.getTime())}`,
      priority === 0 ? '' : `priority ${priority}`,
      typeof progress === 'number' && progress > 0 ? `progress ${progress}%` : '',
      replays === 0 ? '' : `replays ${replays}`,
      // More than its attempts: it was put back, snoozed, or its worker died.
      starts > 0 && starts !== used ? `starts ${starts}` : '',
    ]
      .filter(Boolean)
      .join('   '),
  ];
}

function timeline(job: JobDetail, { at: now }: Wish): Cell[] {
  return timelineOf(job, 0).map(({ at, what, details }): Cell => {
    const text = [pad(stamp(at, now), 12), pad(what, 10), ...details].join('  ').trimEnd();
    if (what === 'dead') return { text, tone: 'alarm' };
    return what === 'completed' ? { text, tone: 'good' } : text;
  });
}

function error(job: JobDetail, wish: Wish): Cell[] {
  if (job.error === null) return [];
  return [...alarm(job.error), ...frames(job.failures.at(-1)?.stack ?? [], wish)];
}

/** Every failed attempt, the last one first. */
function attempts(job: JobDetail, wish: Wish): Cell[] {
  const found = job.failures.map(({ attempt, at, worker, durationMs, error: message, stack }, index): Cell[] => [
    {
      text: [
        `Attempt ${attempt ?? index + 1}`,
        ...(at === null ? [] : [stamp(at, wish.at)]),
        ...(worker === null ? [] : [worker]),
        ...(durationMs === null ? [] : [`ran ${span(durationMs)}`]),
      ].join('  '),
      tone: 'strong',
    },
    ...alarm(message),
    ...frames(stack, wish),
    '',
  ]);
  return found.length === 0 ? error(job, wish) : found.toReversed().flat();
}

const alarm = (text: string): Cell[] => linesOf(text).map((line) => ({ text: line, tone: 'alarm' }));

const frames = (stack: readonly string[], { unfolded }: Wish): Cell[] =>
  (unfolded ? stack.map((frame) => `  ${frame}`) : foldFrames(stack)).map(faint);

/** Whether it is one of several jobs that wait for each other. */
export const isInFlow = (job: JobDetail | undefined): boolean =>
  job !== undefined && (job.parent !== null || job.childCount > 0);

const payload = (job: JobDetail, { unmasked }: Wish): Cell[] => json(job.payload, unmasked);
const result = (job: JobDetail, { unmasked }: Wish): Cell[] =>
  job.state === 'completed' ? json(job.result, unmasked) : [];

const json = (value: Json, unmasked: boolean): Cell[] =>
  linesOf(JSON.stringify(unmasked ? value : maskJson(value), null, 2) ?? 'null');

const logs = (job: JobDetail): Cell[] => job.logs.flatMap(linesOf);

const linesOf = (text: string): string[] => text.replaceAll('\t', '  ').split(/\r?\n/);

/** A line in as many as it takes to fit in `width` columns, safe to print. */
export function wrapCell(cell: Cell, width: number): Cell[] {
  const lines = wrap(cleanText(textOf(cell)).replaceAll(/[\n\t]/g, ' '), width);
  return typeof cell === 'string' ? lines : lines.map((text) => ({ ...cell, text }));
}

const faint = (text: string): Cell => ({ text, tone: 'faint' });
const ago = (date: Date, at: number): string => `${stamp(date, at)} (${age(at - date.getTime())} ago)`;

const DAY_MS = 86_400_000;

/** The time of day, with the day when that is not today's. */
function stamp(date: Date | null, at: number): string {
  if (date === null) return '–';
  const time = `${clockTime(date.getTime())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
  if (Math.abs(at - date.getTime()) < DAY_MS && new Date(at).getDate() === date.getDate()) return time;
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')} ${time}`;
}
