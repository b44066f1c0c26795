/**
 * What grows, and by how much, when there are more jobs, queues, bytes and processes: `npm run bench:scale`. It takes a quarter
 * of an hour, draws docs/plots and writes the tables of docs/performance.md. `-- --only waiting,queues` does some; `--short`
 * does the least of each and leaves the pages alone.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readConditions, replacePart } from './helpers/page.ts';
import type { Grown, Growth } from './scale/growth.ts';
import { manyProcesses } from './scale/many-processes.ts';
import { manyQueues } from './scale/many-queues.ts';
import { payloadSize } from './scale/payload-size.ts';
import { openPlace } from './scale/place.ts';
import { renderGrowth } from './scale/render-growth.ts';
import { renderPlot } from './scale/render-plot.ts';
import { waitingJobs } from './scale/waiting-jobs.ts';

const GROWTHS: readonly Growth[] = [waitingJobs, manyQueues, payloadSize, manyProcesses];
const DOCS = path.resolve(import.meta.dirname, '../../docs');

const { values } = parseArgs({ options: { short: { type: 'boolean', default: false }, only: { type: 'string' } } });
const names = values.only?.split(',') ?? GROWTHS.map(({ name }) => name);
const unknown = names.filter((name) => !GROWTHS.some((growth) => growth.name === name));
if (unknown.length > 0)
  throw new Error(`Nothing that grows is named ${unknown.join(', ')}: ${GROWTHS.map(({ name }) => name).join(', ')}`);

const conditions = await readConditions();
console.log(conditions);
for (const growth of GROWTHS.filter(({ name }) => names.includes(name))) {
  const grown = await measure(growth);
  const [table, plot] = [renderGrowth(grown), renderPlot(grown)];
  console.log(`\n${growth.title}\n\n${table}`);
  if (!values.short) {
    const page = path.join(DOCS, 'performance.md');
    fs.mkdirSync(path.join(DOCS, 'plots'), { recursive: true });
    fs.writeFileSync(path.join(DOCS, `plots/${growth.name}.svg`), plot);
    const part = `![${growth.title}](plots/${growth.name}.svg)\n\n${table}\n\n${conditions}`;
    fs.writeFileSync(page, replacePart(fs.readFileSync(page, 'utf8'), growth.name, part));
  }
}

/** Each amount on a Redis of its own. */
async function measure(growth: Growth): Promise<Grown> {
  const amounts = [...(values.short ? growth.short : growth.full)];
  const rows: number[][] = [];
  for (const amount of amounts) {
    const place = await openPlace();
    try {
      rows.push(await growth.measure(place, amount, values.short));
      console.error(
        `${growth.name} ${amount}: ${rows
          .at(-1)!
          .map((value) => value.toPrecision(4))
          .join(' ')}`,
      );
    } finally {
      await place.close();
    }
  }
  return { growth, amounts, values: rows };
}
