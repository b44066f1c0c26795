import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bundle } from '../../scripts/build/bundle.ts';

// Within the checkout, so that the packages are found.
const ROOT = path.resolve(import.meta.dirname, '../..');
let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(ROOT, 'node_modules/.bundle-'));
});

afterEach(() => fs.rmSync(folder, { recursive: true }));

/** Bundles a program of these files, whose entry is `entry.ts`; `run` runs it. */
async function build(files: Record<string, string>): Promise<{ run(): string }> {
  for (const [name, contents] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), contents);
  const output = path.join(folder, 'output');
  await bundle(path.relative(ROOT, path.join(folder, 'entry.ts')), output);
  return {
    run: () => {
      const { stdout, stderr } = spawnSync(path.join(output, 'jq.cjs'), ['work'], {
        encoding: 'utf8',
        env: { PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin` },
      });
      return stdout + stderr;
    },
  };
}

it('makes a file that can be executed and loads lazily what is imported lazily', async () => {
  const program = await build({
    'entry.ts': `console.log('first'); setImmediate(() => import('./later.ts').then(({ name }) => console.log(name)));`,
    'later.ts': `console.log('loaded'); export const name: string = 'later';`,
  });
  expect(program.run()).toBe('first\nloaded\nlater\n');
});

it('keeps the names of classes, and knows where it is', async () => {
  const program = await build({
    'entry.ts': `import { UnrecoverableError } from './errors.ts';
      class Other { static UnrecoverableError = class UnrecoverableError extends Error {}; }
      console.log(new UnrecoverableError().constructor.name, Other.UnrecoverableError.name);
      console.log(import.meta.url.replace(/.*\\//, ''), import.meta.filename.replace(/.*\\//, ''));`,
    'errors.ts': `export class UnrecoverableError extends Error {}`,
  });
  expect(program.run()).toBe('UnrecoverableError UnrecoverableError\nprogram.cjs program.cjs\n');
});

it('holds Ink, which as it is needs a top-level await', async () => {
  const program = await build({
    'entry.ts': `void Promise.all([import('ink'), import('react')]).then(([{ render, Text }, { createElement }]) => {
      render(createElement(Text, null, 'hello'));
    });`,
  });
  expect(program.run()).toBe('hello\n');
});

it('refuses what every start would have to load, and says by which way', async () => {
  const building = build({
    'entry.ts': `import { work } from './work.ts'; work();`,
    'work.ts': `import { Worker } from 'bullmq'; export const work = () => new Worker('x');`,
  });
  await expect(building).rejects.toThrow(/entry\.ts\n.*work\.ts\n.*node_modules\/bullmq\//);
});
