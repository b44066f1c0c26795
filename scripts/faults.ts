/**
 * Tries faults and prints what came of them, a row each; it ends with 1 when something does not hold:
 *
 *   node scripts/faults.ts [--seed N] [--jobs N] [--only NAME,…] [--length short|normal|long] [--program FILE] [--previous COMMIT] [--keep] [--list]
 *
 * `--program` takes another built program than this checkout's, `--previous` another one to mix it with than that before its last
 * change; `--keep` leaves ledgers and logs also when all holds.
 */
import { parseArgs } from 'node:util';
import { didYouMean } from '../src/lib/nearest.ts';
import { type Fault, type Length, LENGTHS } from '../test/faults/fault.ts';
import { FAULTS } from '../test/faults/faults.ts';
import { CAN_FIND_PROCESSES } from '../test/faults/processes.ts';
import { hasFailed, renderReport } from '../test/faults/render-report.ts';
import { type Outcome, runFault } from '../test/faults/run-fault.ts';
import { buildIfStale, PROGRAM } from './build/build-if-stale.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const interrupted = new AbortController();

try {
  await main();
} catch (error) {
  say((error as Error).message);
  // What an interrupted run still waits for would keep the process.
  process.exit(process.exitCode ?? 2);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: `${process.hrtime.bigint() % 1_000_000n}` },
      jobs: { type: 'string' },
      only: { type: 'string' },
      length: { type: 'string', default: 'normal' },
      program: { type: 'string' },
      previous: { type: 'string' },
      keep: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  });
  if (values.list) {
    for (const { name, does, expects } of FAULTS) process.stdout.write(`${name}: ${does}; ${expects}\n`);
    return;
  }
  if (!CAN_FIND_PROCESSES) throw new Error('The fault suite needs Linux: it finds processes in /proc');
  const faults = chooseFaults(values.only);
  const length = parseLength(values.length);
  const jobs = values.jobs === undefined ? undefined : parseCount(values.jobs);
  if (values.program === undefined) await buildIfStale();
  const program = values.program ?? PROGRAM;

  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => {
      process.exitCode = exitCode;
      interrupted.abort(new Error(`Ended by ${signal}`));
    });
  }
  say(`Seed ${values.seed}`);
  const outcomes: Outcome[] = [];
  for (const fault of faults) {
    say(`${fault.name}: ${fault.does}`);
    const began = performance.now();
    const { seed, previous, keep } = values;
    const outcome = await runFault(fault, { seed, length, jobs, program, previous, keep, signal: interrupted.signal });
    outcomes.push(outcome);
    const word = outcome.skipped !== undefined ? 'skipped' : hasFailed(outcome) ? 'FAILED' : 'ok';
    say(`  ${word}, ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
  process.stdout.write(renderReport(outcomes));
  const failed = outcomes.filter(hasFailed).length;
  say(
    failed === 0
      ? 'All that was tried holds'
      : `${failed} of ${outcomes.length} do not hold; again: --seed ${values.seed}`,
  );
  if (failed > 0) process.exitCode = 1;
}

function chooseFaults(only: string | undefined): readonly Fault[] {
  if (only === undefined) return FAULTS;
  return only.split(',').map((name) => {
    const fault = FAULTS.find((fault) => fault.name === name);
    if (fault) return fault;
    const names = FAULTS.map((fault) => fault.name);
    throw new Error(`No fault is named "${name}". ${didYouMean(name, names) ?? `There are: ${names.join(', ')}`}`);
  });
}

function parseLength(text: string): Length {
  const length = LENGTHS.find((length) => length === text);
  if (length) return length;
  throw new Error(`Expected --length to be one of ${LENGTHS.join(', ')}, got "${text}"`);
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new Error(`Expected --jobs to be a number of jobs, got "${text}"`);
}
