import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const BENCHES = ['start', 'ingest', 'post', 'drain', 'latency', 'dlq', 'top', 'idle', 'slope', 'memory', 'fleet'];

// How fast it is says nothing here: the suite runs on busy machines.
it('measures everything that npm run bench does, in its shortest form', { timeout: 300_000 }, async () => {
  const script = path.resolve(import.meta.dirname, 'bench.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--short'], { timeout: 290_000 });
  const rows = stdout
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()));
  expect([...new Set(rows.map(([, bench]) => bench))]).toEqual(BENCHES);
  // A difference of two measures may come out below nothing.
  for (const [, , figure, ours, against, ratio] of rows) {
    expect(ours, figure).toMatch(/^-?\d[\d,.]*( |$)/);
    expect(`${against} ${ratio}`, figure).toMatch(/^ $|, [\d,.]+ [\d,.]+$/);
  }
  expect(stdout).toMatch(/^jobqueue \S+, BullMQ \S+, Redis [\d.]+, Node [\d.]+, \d+ cores, \d{4}-\d\d-\d\d$/m);
});

it('measures what grows, in its shortest form', { timeout: 120_000 }, async () => {
  const script = path.resolve(import.meta.dirname, 'scale.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--short'], { timeout: 110_000 });
  const tables = stdout.split('\n\n').filter((part) => part.startsWith('|'));
  expect(tables).toHaveLength(4);
  for (const table of tables) {
    const rows = table.trim().split('\n').slice(2);
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toMatch(/^\|( +-?\d[\d,.]* \|){5,}$/);
  }
});
