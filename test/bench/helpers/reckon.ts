import { replacePart } from './page.ts';
import { alignTable } from './table.ts';

/** What is reckoned from: figures of the table of all benchmarks, as the page has them. */
interface Measured {
  /** Microseconds of Redis for a job that is stored in bulk, that is run, and that is run one by one. */
  storeUs: number;
  runUs: number;
  oneByOneUs: number;
  /** Of one worker process. */
  workerUs: number;
  runPerSecond: number;
  /** Jobs that one queue of a Cluster stores one by one, to those that one Redis does. */
  clusterShare: number;
  waitingBytes: number;
}

const CELLS: Record<keyof Measured, [bench: string, figure: RegExp, column: 'ours' | 'against' | 'ratio']> = {
  storeUs: ['ingest', /^as jq serve: processor time of Redis/, 'ours'],
  runUs: ['drain', /^jq work: processor time of Redis/, 'ours'],
  oneByOneUs: ['drain', /^jq work: processor time of Redis/, 'against'],
  workerUs: ['drain', /^jq work: processor time of the worker/, 'ours'],
  runPerSecond: ['drain', /^jq work: jobs drained/, 'ours'],
  clusterShare: ['fleet', /^Cluster, one queue: jobs stored, one in a call/, 'ratio'],
  waitingBytes: ['memory', /^memory of Redis for a job that waits/, 'ours'],
};
const COLUMNS = { ours: 2, against: 3, ratio: 4 } as const;

/** @throws Error when a benchmark is missing on the page */
function readMeasured(page: string): Measured {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return Object.fromEntries(
    Object.entries(CELLS).map(([name, [bench, figure, column]]) => {
      const row = rows.find((cells) => cells[0] === bench && figure.test(cells[1]!));
      // What it is held against has a name before its value.
      const value = row && /[\d,.]+(?= |$)/.exec(row[COLUMNS[column]]!.replace(/^.*, (?=[\d])/, ''))?.[0];
      if (value === undefined) throw new Error(`The page has no figure for ${bench}: ${figure.source}`);
      return [name, Number(value.replaceAll(',', ''))];
    }),
  ) as unknown as Measured;
}

const SPARE = 0.3;
const MASTERS = [1, 3, 10, 100, 1000];
const WAITING_POWERS = [6, 7, 8, 9];
const MASTER_GB = 16;

/** The parts of the chapter about more than one Redis that are reckoned, by the names of their marks. */
function reckon(measured: Measured): Record<string, string> {
  const { storeUs, runUs, oneByOneUs, workerUs, runPerSecond, clusterShare, waitingBytes } = measured;
  const bothPerSecond = 1e6 / (storeUs + runUs);
  const sparing = bothPerSecond * (1 - SPARE);
  const rates: [string, number][] = [
    [`only stores: 1 s / ${storeUs} µs`, 1e6 / storeUs],
    [`only runs: 1 s / ${runUs} µs`, 1e6 / runUs],
    [`runs one by one, as where a queue has a limit: 1 s / ${oneByOneUs} µs`, 1e6 / oneByOneUs],
    [`stores as many as it runs: 1 s / ${(storeUs + runUs).toFixed(1)} µs`, bothPerSecond],
    [`the same with ${SPARE * 100} % of the core to spare, for peaks and looks`, sparing],
  ];
  const processes = Math.ceil(1e6 / runUs / runPerSecond);
  const perMaster = sparing * clusterShare;
  const gigabytes = (power: number): number => (10 ** power * waitingBytes) / 1e9;
  return {
    'one core': [
      ...alignTable(
        [['what one Redis core does', 'jobs/s'], ...rates.map(([what, rate]) => [what, round(rate)])],
        (place) => place === 1,
      ),
      '',
      `A worker process needs ${workerUs} µs for a job that does nothing, and alone runs ${round(runPerSecond)} a second: ${processes} keep up with one Redis that only runs.`,
    ].join('\n'),
    masters: [
      `Reckoned with ${clusterShare} of ${round(sparing)} as what a master surely takes:`,
      '',
      ...alignTable(
        [
          ['masters', 'jobs/s, stored and run', 'jobs a day', 'busy queues it needs'],
          ...MASTERS.map((masters) => [
            masters.toLocaleString('en-US'),
            round(perMaster * masters),
            round(perMaster * masters * 86_400),
            `${masters}, better ${4 * masters}`,
          ]),
        ],
        () => true,
      ),
    ].join('\n'),
    'what waits': alignTable(
      [
        ['waiting jobs', 'memory of Redis', 'with a third free', `masters of ${MASTER_GB} GB`, 'run by one Redis in'],
        ...WAITING_POWERS.map((power) => [
          (10 ** power).toLocaleString('en-US'),
          `${round(gigabytes(power))} GB`,
          `${round(gigabytes(power) * 1.5)} GB`,
          `${Math.ceil((gigabytes(power) * 1.5) / MASTER_GB)}`,
          duration(10 ** power / sparing),
        ]),
      ],
      () => true,
    ).join('\n'),
  };
}

/** The page with all that is reckoned reckoned anew from its own table. */
export const withReckoned = (page: string): string =>
  Object.entries(reckon(readMeasured(page))).reduce((text, [name, part]) => replacePart(text, name, part), page);

/** To two digits: more would say more than was measured. */
const round = (value: number): string => Number(value.toPrecision(2)).toLocaleString('en-US');

const duration = (seconds: number): string =>
  seconds < 120
    ? `${round(seconds)} s`
    : seconds < 5400
      ? `${round(seconds / 60)} min`
      : seconds < 172_800
        ? `${round(seconds / 3600)} h`
        : `${round(seconds / 86_400)} days`;
