import type { Outcomes } from '../../broker/outcomes.ts';
import type { QueueSummary, TypeSummary, WorkerSummary } from '../../jobs/snapshot-types.ts';
import { barChart } from '../../lib/bar-chart.ts';
import { renderSize } from '../../lib/size.ts';
import { sparkline } from '../../lib/sparkline.ts';
import { count, grouped, pad } from '../../lib/text.ts';
import { age, type Cell, percent, rate, span } from '../cells.ts';
import { addressOf } from '../health.ts';
import { fitText } from '../line.ts';
import type { Box, Data } from './screen.ts';

const CHART_ROWS = 4;
/** Of each kind; more does not fit beside the rest. */
const MOST = 4;
const MOST_WORKERS = 3;
const BUCKET_S = 10;

/** How it goes with a queue, who works on it, and what died of it last. */
export function queuePanel(
  queue: QueueSummary,
  { snapshot: { workers, deadLetters, at } }: Data,
  width: number,
): [Box, Box] {
  const { name, history, failedHistory } = queue;
  const listening = workers.filter(({ slotsByQueue }) => Object.hasOwn(slotsByQueue, name));
  const dead = deadLetters.filter((letter) => letter.queue === name).slice(0, MOST);
  // The largest number of bars stands before them.
  const barWidth = width - 7 >= 2 * history.length ? 2 : 1;
  const most = rate(Math.max(...history, 0) / BUCKET_S);
  return [
    {
      title: `${name}: ok/s and fail/s, 5 min`,
      lines: [
        ...barChart(history, { height: CHART_ROWS, width: barWidth }).map((bars, row): Cell => {
          return {
            text: `${pad(row === 0 ? most : row === CHART_ROWS - 1 ? '0' : '', 6, 'right')} ${bars}`,
            tone: 'accent',
          };
        }),
        {
          text: `${pad('fail', 6, 'right')} ${widened(sparkline(failedHistory, failedHistory.length), barWidth)}`,
          tone: 'warning',
        },
        '',
        ...queue.types.slice(0, MOST).map((type) => describeType(type, width)),
      ],
    },
    {
      title: `${name}: totals, workers and the last dead letters`,
      lines: [
        ...totalsOf(queue),
        ...(listening.length === 0 ? [quiet('No worker of ours listens.')] : []),
        ...((queue.foreignWorkers ?? 0) > 0 ? [`${count(queue.foreignWorkers!, 'worker')} of other programs`] : []),
        ...listening.slice(0, MOST_WORKERS).map((worker) => describeWorker(worker, name, at.getTime())),
        ...(listening.length > MOST_WORKERS ? [quiet(`and ${listening.length - MOST_WORKERS} more`)] : []),
        ...(dead.length === 0 ? [quiet('Nothing died lately.')] : []),
        ...dead.map(
          ({ diedAt, type, error }) => `${pad(age(at.getTime() - diedAt.getTime()), 4, 'right')}  ${type}  ${error}`,
        ),
      ],
    },
  ];
}

/** What came of it so far, and what it takes. */
function totalsOf({ today, ever, memoryBytes }: QueueSummary): Cell[] {
  const line = (when: string, outcomes: Outcomes | null): Cell[] =>
    outcomes === null
      ? []
      : [
          `${pad(when, 6)} ${grouped(outcomes.completed)} ok  ${grouped(outcomes.failed)} failed${errorsOf(outcomes)}  ${grouped(outcomes.dead)} dead`,
        ];
  return [
    ...line('today', today),
    ...line('ever', ever),
    memoryBytes === null ? quiet('memory not known') : `memory ${renderSize(memoryBytes)}`,
  ];
}

const errorsOf = ({ completed, failed }: Outcomes): string =>
  failed === 0 ? '' : ` (${percent(failed / (completed + failed))}%)`;

function describeType({ type, completedPerSecond, failedPerSecond, p50Ms, p95Ms }: TypeSummary, width: number): Cell {
  const times = p50Ms === null || p95Ms === null ? '' : `p50 ${span(p50Ms)}  p95 ${span(p95Ms)}`;
  const figures = `${rate(completedPerSecond)} ok/s  ${rate(failedPerSecond)} fail/s  ${times}`;
  const room = Math.max(8, Math.min(16, width - figures.length - 1));
  return `${pad(fitText(type, room), room)} ${figures}`;
}

function describeWorker(worker: WorkerSummary, queue: string, at: number): Cell {
  const { state, slotsByQueue, rssBytes, beatAt } = worker;
  const text = [
    pad(addressOf(worker).slice(0, 24), 24),
    `slots ${slotsByQueue[queue]}`,
    renderSize(rssBytes),
    state === 'running' ? '' : state,
    `beat ${age(at - beatAt.getTime())}`,
  ];
  const line = text.filter(Boolean).join('  ');
  return state === 'lost' ? { text: line, tone: 'alarm' } : line;
}

/** As wide as the bars above it. */
const widened = (line: string, width: number): string => line.replaceAll(/./g, (bar) => bar.repeat(width));

const quiet = (text: string): Cell => ({ text, tone: 'faint' });
