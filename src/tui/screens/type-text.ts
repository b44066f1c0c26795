import type { Hour, TypeHour } from '../../jobs/hour-of-types.ts';
import { barChart } from '../../lib/bar-chart.ts';
import { renderApproximateDuration } from '../../lib/duration.ts';
import { barsOf, type Histogram, quantile } from '../../lib/histogram.ts';
import { sparkline } from '../../lib/sparkline.ts';
import { pad } from '../../lib/text.ts';
import { amount, type Cell, percent, span } from '../cells.ts';
import { clockTime } from '../clock-time.ts';

const LABELS = 9;
const BARS = 16;
const CHART_ROWS = 4;
const WIDEST_BAR = 60;
const HOUR_MS = 3_600_000;
/** Before a chart stands its highest number. */
const SCALE = 6;

/** What became of one type in the last hour, in lines of `width` columns. */
export function typeText(hour: Hour, { queue, type }: { queue: string; type: string }, width: number): Cell[] {
  const row = hour.types.find((each) => each.queue === queue && each.type === type);
  if (!row) return [{ text: 'No attempt of it has ended in the last hour.', tone: 'faint' }];
  const { ok, failed, dead, runMs, run, wait } = row;
  const line = (label: string, ...facts: string[]): string =>
    `${pad(label, LABELS)}${facts.filter(Boolean).join('  ')}`;
  const errors = failed === 0 ? '' : `${percent(failed / (ok + failed))}% errors`;
  return [
    line('attempts', `${amount(ok)} ok`, `${amount(failed)} failed`, `${amount(dead)} dead`, errors),
    line(
      'run',
      `${renderApproximateDuration(runMs)} in all`,
      `average ${span(runMs / (ok + failed))}`,
      ...quantiles(run),
    ),
    line('wait', ...(wait.length === 0 ? ['–'] : quantiles(wait))),
    '',
    strong('Run times'),
    ...runBars(run, BARS, width),
    '',
    strong('By minute'),
    ...minuteChart([row], { at: hour.at, width, height: CHART_ROWS }),
  ];
}

/** Since when it tells, and how much of that is known yet. */
export const sinceOf = ({ since, part }: Hour): string =>
  `since ${clockTime(since).slice(0, 5)}${part < 1 ? `, ${Math.floor(part * 100)}% read` : ''}`;

const quantiles = (histogram: Histogram): string[] =>
  [0.5, 0.95, 0.99].flatMap((part) => {
    const ms = quantile(histogram, part);
    return ms === null ? [] : [`p${part * 100} ${span(ms)}`];
  });

/** A bar for each range of run times: its bounds, how many, and which part of all. */
export function runBars(run: Histogram, most: number, width: number): Cell[] {
  const bars = barsOf(run, most);
  const largest = Math.max(...bars.map((bar) => bar.amount));
  const all = bars.reduce((sum, bar) => sum + bar.amount, 0);
  const rows = bars.map(({ fromMs, toMs, amount: each }) => ({
    left: `${pad(bound(fromMs), 6, 'right')} – ${pad(bound(toMs), 6)}`,
    each,
    right: `${pad(amount(each, 6), 6, 'right')} ${pad(percent(each / all), 5, 'right')}%`,
  }));
  const room = Math.max(1, Math.min(WIDEST_BAR, width - 32));
  return rows.map(({ left, each, right }) => {
    // However little, something is not nothing.
    const bar = '█'.repeat(each === 0 ? 0 : Math.max(1, Math.round((each / largest) * room)));
    return { text: `${left} ${pad(bar, room)} ${right}`, tone: 'accent' };
  });
}

/** Short times in tenths: bounds lie close together there. */
const bound = (ms: number): string => (ms > 0 && ms < 10 ? `${ms.toFixed(1)}ms` : span(ms));

/** How many were done and failed in each minute of the last hour, and what they ran for together. */
export function minuteChart(
  rows: readonly TypeHour[],
  { at, width, height }: { at: number; width: number; height: number },
): Cell[] {
  const sum = (pick: (row: TypeHour) => readonly number[]): number[] => {
    const minutes = Array.from({ length: 60 }, () => 0);
    for (const row of rows) for (const [minute, each] of pick(row).entries()) minutes[minute]! += each;
    return minutes;
  };
  const columns = Math.max(1, Math.min(60, width - SCALE - 1));
  // The newest are kept where not all of them fit.
  const [ok, failed, time] = (['okByMinute', 'failedByMinute', 'runMsByMinute'] as const).map((name) =>
    sum((row) => row[name]).slice(-columns),
  ) as [number[], number[], number[]];
  const scale = (row: number): string => (row === 0 ? amount(Math.max(...ok), SCALE) : row === height - 1 ? '0' : '');
  const from = clockTime(at - HOUR_MS + (60 - columns) * 60_000).slice(0, 5);
  return [
    ...barChart(ok, { height, width: 1 }).map((bars, row): Cell => ({
      text: `${pad(scale(row), SCALE, 'right')} ${bars}`,
      tone: 'accent',
    })),
    { text: `${pad('fail', SCALE, 'right')} ${sparkline(failed, columns)}`, tone: 'warning' },
    { text: `${pad('time', SCALE, 'right')} ${sparkline(time, columns)}`, tone: 'accent' },
    `${' '.repeat(SCALE + 1)}${pad(from, columns - 5)}${clockTime(at).slice(0, 5)}`,
  ];
}

const strong = (text: string): Cell => ({ text, tone: 'strong' });
