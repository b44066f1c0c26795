import { fraction, integer, size } from '../src/lib/value-kind.ts';
import { renderExactSize } from '../src/lib/size.ts';
import { cleanLine, count, grouped } from '../src/lib/text.ts';
import type { BenchResult } from '../src/worker/bench/bench.ts';
import type { Project } from '../src/jobs/project.ts';
import { defineCommand } from './framework/define-command.ts';
import { exitCodeOf } from './framework/interrupts.ts';
import { type Column, printRows } from './framework/print-rows.ts';
import { startProgress } from './framework/progress.ts';

const DEFAULTS = { jobs: 10_000, failRate: 0, payloadSize: 200, concurrency: 50 };

export const bench = defineCommand({
  name: 'bench',
  group: 'Run',
  summary: 'measure ingest, drain and latency on this Redis',
  description: `Adds jobs that do nothing to a queue of its own, one by one with 64 calls under way and 500 in a call; runs them all in this process;
then adds 200 a second for 3 s and measures how long each waits for its start. The queue, jq-bench-…, is removed again, also after Ctrl-C.`,
  arguments: {},
  options: [],
  flags: {
    jobs: {
      value: 'number',
      kind: integer({ min: 1, max: 1_000_000 }),
      description: `How many are added in each of the two ways (${DEFAULTS.jobs})`,
    },
    failRate: {
      value: 'share',
      kind: fraction,
      description: 'The share of the jobs that are run which fail for good, from 0 to 1 (0)',
    },
    payloadSize: { value: 'size', kind: size, description: `Of the JSON of each payload (${DEFAULTS.payloadSize}b)` },
    concurrency: {
      value: 'number',
      kind: integer({ min: 1, max: 10_000 }),
      description: `How many are run at a time (${DEFAULTS.concurrency})`,
    },
  },
  examples: [
    { run: 'jq bench', says: 'ten thousand jobs each way' },
    { run: 'jq bench --jobs 100000 --payload-size 1kb --fail-rate 0.2', says: 'larger ones, a fifth of which die' },
  ],
  handlesSignals: true,
  async run(context, { flags }) {
    const jobs = flags.jobs ?? DEFAULTS.jobs;
    const failRate = flags.failRate ?? DEFAULTS.failRate;
    const payloadBytes = flags.payloadSize ?? DEFAULTS.payloadSize;
    const concurrency = flags.concurrency ?? DEFAULTS.concurrency;
    const project = await context.project('lasting');
    const activeElsewhere = await countActive(project);
    if (activeElsewhere > 0) {
      const they = `${count(activeElsewhere, 'other job')} ${activeElsewhere === 1 ? 'is' : 'are'} being worked on`;
      context.note(`warning: ${they} in this Redis: both slow each other down`);
    }
    const { runBench } = await import('../src/worker/bench/bench.ts');
    const progresses = new Map<string, ReturnType<typeof startProgress>>();
    const { signal } = context;
    const end = (): void => progresses.forEach((progress) => progress.end());
    try {
      const result = await runBench(project, {
        jobs,
        failRate,
        payloadBytes,
        concurrency,
        signal,
        onProgress(what, done, total) {
          const progress = progresses.get(what) ?? startProgress(context, what);
          progresses.set(what, progress);
          progress.update(done, total);
        },
        onError: (error) => context.note(`warning: ${cleanLine(error.message)}`),
      });
      end();
      context.note(
        `${count(jobs, 'job')} each way, ${renderExactSize(payloadBytes)} each, ${concurrency} at a time, in queue ${result.queue}, which is removed`,
      );
      const asked = { jobs, failRate, payloadBytes, concurrency };
      const rows = rowsOf(result);
      const json = { redis: project.broker.target.label, ...asked, activeElsewhere, ...result };
      printRows(context, { columns: COLUMNS, rows, json, id: ({ figure }) => figure, empty: '' });
    } catch (error) {
      end();
      if (!signal.aborted || error !== signal.reason) throw error;
      context.note('Stopped; the queue is removed');
      return exitCodeOf(signal);
    }
  },
});

/** Jobs of all known queues that run now. */
async function countActive({ broker }: Project): Promise<number> {
  const { countStates } = await import('../src/broker/read-jobs.ts');
  const { knownQueues } = await import('../src/broker/queues.ts');
  const counts = await countStates(broker, await knownQueues(broker), ['active']);
  return [...counts].reduce((sum, [, { active }]) => sum + active, 0);
}

interface FigureRow {
  figure: string;
  value: number;
  unit: string;
}

const rowsOf = ({ ingest, drain, latency }: BenchResult): FigureRow[] => [
  { figure: 'added one by one', value: ingest.oneByOne, unit: 'jobs/s' },
  { figure: 'added in bulk', value: ingest.bulk, unit: 'jobs/s' },
  { figure: 'drained', value: drain.perSecond, unit: 'jobs/s' },
  { figure: 'dead of those', value: drain.dead, unit: 'jobs' },
  { figure: 'from adding to start, p50', value: latency.p50Ms, unit: 'ms' },
  { figure: 'from adding to start, p99', value: latency.p99Ms, unit: 'ms' },
];

const COLUMNS: readonly Column<FigureRow>[] = [
  { title: 'FIGURE', value: ({ figure }) => figure },
  {
    title: 'VALUE',
    align: 'right',
    value: ({ value }) => value,
    show: ({ value, unit }) => (unit === 'ms' ? value.toFixed(2) : grouped(Math.round(value))),
  },
  { title: 'UNIT', value: ({ unit }) => unit },
];
