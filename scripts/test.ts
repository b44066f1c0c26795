/**
 * Runs all tests: `node scripts/test.ts [what vitest run takes]`. The last line on stdout is always
 * `N passed, N failed, N skipped`, also when vitest itself breaks; the exit code is vitest's.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { countResults, type Report, renderCounts } from './test/count-results.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-test-'));
const reportFile = path.join(folder, 'report.json');
try {
  const exitCode = await runVitest();
  const counts = countResults(readReport(), exitCode);
  process.stdout.write(`${renderCounts(counts)}\n`);
  process.exitCode = exitCode ?? 1;
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

async function runVitest(): Promise<number | null> {
  const vitest = path.resolve(import.meta.dirname, '../node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Vitest gets them too, from the terminal or from here, and ends; the counts come after that.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return exitCode;
}

function readReport(): Report | undefined {
  try {
    return JSON.parse(fs.readFileSync(reportFile, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}
