import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-test-run-'));
  fs.writeFileSync(path.join(folder, 'vitest.config.mjs'), 'export default { test: { globals: true } };');
});

afterEach(() => fs.rmSync(folder, { recursive: true }));

/** Runs scripts/test.ts on test files of these contents. */
function runTests(files: Record<string, string>): { lastLine: string | undefined; exitCode: number | null } {
  for (const [name, contents] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), contents);
  const script = path.resolve(import.meta.dirname, '../../scripts/test.ts');
  const { stdout, status } = spawnSync(process.execPath, [script, '--root', folder], { encoding: 'utf8' });
  return { lastLine: stdout.split('\n').at(-2), exitCode: status };
}

it('ends with the counts of a run that passes', () => {
  const contents = `it('a', () => {}); it('b', () => {}); it.skip('c', () => {});`;
  expect(runTests({ 'good.test.mjs': contents })).toEqual({ lastLine: '2 passed, 0 failed, 1 skipped', exitCode: 0 });
});

it('counts a file that cannot be loaded, and forwards the exit code', () => {
  const files = { 'good.test.mjs': `it('a', () => {});`, 'broken.test.mjs': `import './missing.mjs';` };
  expect(runTests(files)).toEqual({ lastLine: '1 passed, 1 failed, 0 skipped', exitCode: 1 });
});

it('ends with the counts also when vitest breaks', () => {
  const files = { 'vitest.config.mjs': `throw new Error('a broken configuration');` };
  expect(runTests(files)).toEqual({ lastLine: '0 passed, 1 failed, 0 skipped', exitCode: 1 });
});
