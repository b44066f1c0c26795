/**
 * Every benchmark in one table, which docs/performance.md shows too: `npm run bench`. `-- --short` does the least of each and
 * leaves the page alone, since such figures say nothing; `-- --only drain,ingest` does some, and leaves the others' rows.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { deadLetters } from './dead-letters.ts';
import { drain } from './drain.ts';
import { fleet } from './fleet.ts';
import { type Bench } from './helpers/bench.ts';
import { type Row, verdictOf } from './helpers/row.ts';
import { readConditions, updatePage } from './helpers/page.ts';
import { withReckoned } from './helpers/reckon.ts';
import { renderTable } from './helpers/table.ts';
import { idle } from './idle.ts';
import { ingest } from './ingest.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';
import { postJobs } from './post-jobs.ts';
import { slope } from './slope.ts';
import { startUp } from './start-up.ts';
import { top } from './top.ts';

const BENCHES = [
  startUp,
  ingest,
  postJobs,
  drain,
  latency,
  deadLetters,
  top,
  idle,
  slope,
  memory,
  fleet,
] as unknown as Bench[];
const PAGE = path.resolve(import.meta.dirname, '../../docs/performance.md');

const { values } = parseArgs({ options: { short: { type: 'boolean', default: false }, only: { type: 'string' } } });
const names = values.only?.split(',') ?? BENCHES.map(({ name }) => name);
const chosen = BENCHES.filter(({ name }) => names.includes(name));
const unknown = names.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0)
  throw new Error(`No benchmark is named ${unknown.join(', ')}: ${BENCHES.map(({ name }) => name).join(', ')}`);

const conditions = await readConditions();
const order = BENCHES.map(({ name }) => name);
const measured: { bench: string; rows: Row[] }[] = [];
for (const { name, full, short, measure } of chosen) {
  const began = performance.now();
  const done = { bench: name, rows: await measure(values.short ? short : full) };
  measured.push(done);
  // All of them take long: what is measured is shown, and kept, whatever becomes of the rest.
  const seconds = Math.round((performance.now() - began) / 1000);
  console.error(`${renderTable([done]).join('\n')}\n${name}: ${seconds} s, load ${os.loadavg()[0]!.toFixed(1)}\n`);
  if (values.short) continue;
  const page = updatePage(fs.readFileSync(PAGE, 'utf8'), { conditions, measured: [done], order });
  // Rows of another day are gone; then there is too little to reckon from.
  const isWhole = order.every((each) => page.includes(`\n| ${each} `));
  fs.writeFileSync(PAGE, isWhole ? withReckoned(page) : page);
}
console.log(`${conditions}\n\n${renderTable(measured).join('\n')}`);
const verdicts = measured.flatMap(({ rows }) => rows.map(verdictOf));
const count = (verdict: string): number => verdicts.filter((each) => each === verdict).length;
console.log(`\n${count('met')} targets met, ${count('not met')} not met`);
if (!values.short && count('not met') > 0) process.exitCode = 1;
