import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import os from 'node:os';
import { findRedisServer } from '../../../src/broker/local-redis/find-server.ts';
import type { Row } from './row.ts';
import { alignTable, HEAD, renderCells } from './table.ts';

const [BEGIN, END] = ['<!-- bench: written by `npm run bench` -->', '<!-- /bench -->'];

/** The versions and the machine that figures hold for, and the day. */
export async function readConditions(): Promise<string> {
  const require = createRequire(import.meta.url);
  const versionOf = (name: string): string => (require(name) as { version: string }).version;
  const [server, ...words] = findRedisServer(process.env).command;
  const redis = /v=([\d.]+)/.exec(execFileSync(server, [...words, '--version'], { encoding: 'utf8' }))![1];
  return (
    `jobqueue ${versionOf('../../../package.json')}, BullMQ ${versionOf('bullmq/package.json')}, Redis ${redis}, ` +
    `Node ${process.versions.node}, ${os.availableParallelism()} cores, ${new Date().toISOString().slice(0, 10)}`
  );
}

export interface Measured {
  conditions: string;
  measured: readonly { bench: string; rows: readonly Row[] }[];
  /** All benchmarks, in the order of the table. */
  order: readonly string[];
}

/** The page with the new rows in place of those of the same benchmarks. What was measured under other conditions goes. */
export function updatePage(page: string, { conditions, measured, order }: Measured): string {
  const [before, rest] = page.split(BEGIN);
  const [table, after] = rest?.split(END) ?? [];
  if (before === undefined || table === undefined || after === undefined) throw new Error('The page has no markers');
  const done = new Set(measured.map(({ bench }) => bench));
  const kept = table.includes(conditions)
    ? table
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .slice(2)
        .map((line) =>
          line
            .split('|')
            .slice(1, -1)
            .map((cell) => cell.trim()),
        )
        .filter(([bench]) => !done.has(bench!))
    : [];
  const place = (cells: readonly string[]): number => order.indexOf(cells[0]!);
  const rows = [...kept, ...renderCells(measured)].toSorted((one, other) => place(one) - place(other));
  return `${before}${BEGIN}\n\n${conditions}\n\n${alignTable([HEAD, ...rows]).join('\n')}\n\n${END}${after}`;
}

/** The page with what stands between the two marks of this name replaced. */
export function replacePart(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: written by a script -->`, `<!-- /${name} -->`];
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`The page has no marks for ${name}`);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}
