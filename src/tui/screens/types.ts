import type { TypeHour } from '../../jobs/hour-of-types.ts';
import { partOf } from '../../jobs/queue-rates.ts';
import { quantile } from '../../lib/histogram.ts';
import { renderApproximateDuration } from '../../lib/duration.ts';
import { sparkline } from '../../lib/sparkline.ts';
import { count } from '../../lib/text.ts';
import { amount, type Cell, errorRate, flagged, known, span } from '../cells.ts';
import type { Page } from '../data/page.ts';
import type { Timing } from '../state.ts';
import type { Column } from '../table.ts';
import { defineScreen } from './screen.ts';
import { minuteChart, runBars, sinceOf } from './type-text.ts';

const PANEL_BARS = 10;
const PANEL_CHART_ROWS = 5;

const errorRateOf = ({ ok, failed }: TypeHour): number | null => partOf(failed, ok);
/** How long one attempt ran, or all of them together. */
const meanOf = ({ ok, failed, runMs }: TypeHour): number | null => (ok + failed === 0 ? null : runMs / (ok + failed));

/** What ran in the last hour, by type: what took longest comes first. */
export const typesScreen = defineScreen<TypeHour, 'types'>({
  id: 'types',
  title: 'Types',
  firstSort: () => ({ column: 'TIME', descending: true }),
  columns: ({ queue }, { timing }) => [
    { title: 'TYPE', align: 'left', width: [12, 32], grows: 1, cell: ({ type }) => type, value: ({ type }) => type },
    ...(queue === undefined ? [QUEUE] : []),
    numberColumn('OK', ({ ok }) => ok),
    { ...numberColumn('FAIL', ({ failed }) => failed), leaves: 4 },
    { ...numberColumn('DEAD', ({ dead }) => dead), leaves: 1 },
    {
      title: 'ERR%',
      align: 'right',
      width: [5, 6],
      cell: (row) => known(errorRateOf(row), errorRate),
      value: (row) => errorRateOf(row) ?? -1,
    },
    {
      title: 'TIME',
      align: 'right',
      width: [6, 7],
      cell: ({ runMs }) => renderApproximateDuration(runMs),
      value: ({ runMs }) => runMs,
    },
    {
      title: 'AVG',
      align: 'right',
      width: [6, 7],
      cell: (row) => known(meanOf(row), span),
      value: (row) => meanOf(row) ?? -1,
    },
    { ...timeColumn('P50', timing, 0.5), leaves: 2 },
    timeColumn('P95', timing, 0.95),
    {
      title: 'TIME/MIN',
      align: 'left',
      width: [9, 60],
      grows: 3,
      leaves: 0,
      cell: ({ runMsByMinute }, { width }) => ({ text: sparkline(runMsByMinute, width), tone: 'accent' }),
    },
  ],
  badge: () => 0,
  summary: ({ page }, { queue }) => [
    { text: queue === undefined ? 'Types' : `${queue} › types`, tone: 'strong' },
    ...(page?.hour ? [sinceOf(page.hour), ...sums(page)] : []),
  ],
  identity: ({ queue, type }) => `${queue} ${type}`,
  searched: ({ queue, type }) => `${queue} ${type}`,
  flag: () => '',
  detail: ({ queue, type, wait }) => [
    { text: type, tone: 'strong' },
    queue,
    ...([0.5, 0.95] as const).flatMap((part) => {
      const ms = quantile(wait, part);
      return ms === null ? [] : [`p${part * 100} of wait ${span(ms)}`];
    }),
  ],
  panel: (row, { page }, width) => [
    {
      title: 'all of these by minute, the last hour',
      lines: minuteChart(page?.hour?.types ?? [], { at: page?.hour?.at ?? 0, width, height: PANEL_CHART_ROWS }),
    },
    { title: `${row.type}: run times`, lines: runBars(row.run, PANEL_BARS, width) },
  ],
  empty: () => 'No worker of ours has ended an attempt in the last hour.',
  opens: ({ queue, type }) => ({ screen: 'type', queue, type }),
});

const QUEUE: Column<TypeHour> = {
  title: 'QUEUE',
  align: 'left',
  width: [8, 20],
  grows: 2,
  leaves: 3,
  cell: ({ queue }) => queue,
  value: ({ queue }) => queue,
};

const numberColumn = (title: string, read: (row: TypeHour) => number): Column<TypeHour> => ({
  title,
  align: 'right',
  width: [6, 9],
  cell: (row, { width }) => amount(read(row), width),
  value: read,
});

const timeColumn = (title: string, timing: Timing, part: number): Column<TypeHour> => ({
  title,
  ...(timing === 'wait' && { shown: `w${title}` }),
  align: 'right',
  width: [6, 7],
  cell: (row) => known(quantile(row[timing], part), span),
  value: (row) => quantile(row[timing], part) ?? -1,
});

function sums({ hour }: Page): Cell[] {
  const { types } = hour!;
  const sum = (pick: (row: TypeHour) => number): number => types.reduce((total, row) => total + pick(row), 0);
  const failed = sum((row) => row.failed);
  return [
    count(types.length, 'type'),
    `${amount(sum(({ ok }) => ok))} ok`,
    flagged(`${amount(failed)} failed`, failed > 0),
    `${renderApproximateDuration(sum(({ runMs }) => runMs))} of run time`,
  ];
}
