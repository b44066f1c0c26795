import { parseArgs } from 'node:util';
import { type Row, verdictOf } from './row.ts';
import { renderTable } from './table.ts';

/** One benchmark: a script of its own, and a part of `npm run bench`. */
export interface Bench<Amounts extends Record<string, number> = Record<string, number>> {
  name: string;
  /** How much is done for figures to go by; each is a flag of the script. */
  full: Amounts;
  /** The least that shows that it works. */
  short: Amounts;
  measure(amounts: Amounts): Promise<Row[]>;
}

/** Runs a benchmark when its script is what Node was asked to run: `npm run bench:drain -- --rounds 3`, or `--short`. */
export async function runBench<Amounts extends Record<string, number>>(
  bench: Bench<Amounts>,
  isMain: boolean,
): Promise<void> {
  if (!isMain) return;
  const names = Object.keys(bench.full);
  const { values } = parseArgs({
    options: { short: { type: 'boolean' }, ...Object.fromEntries(names.map((name) => [name, { type: 'string' }])) },
  });
  const given = Object.entries(values).flatMap(([name, value]) => (name === 'short' ? [] : [[name, Number(value)]]));
  const amounts = { ...(values.short ? bench.short : bench.full), ...Object.fromEntries(given) } as Amounts;
  const rows = await bench.measure(amounts);
  console.log(renderTable([{ bench: bench.name, rows }]).join('\n'));
  if (!values.short && rows.some((row) => verdictOf(row) === 'not met')) process.exitCode = 1;
}
