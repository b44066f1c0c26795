/** Builds `dist/jq.cjs`: `node scripts/build.ts [--if-stale]`. */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfStale, PROGRAM } from './build/build-if-stale.ts';

const { values } = parseArgs({ options: { 'if-stale': { type: 'boolean', default: false } } });
const began = performance.now();
try {
  if (await buildIfStale({ force: !values['if-stale'] })) report();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

function report(): void {
  const bytes = fs.statSync(path.join(path.dirname(PROGRAM), 'program.cjs')).size;
  const seconds = (performance.now() - began) / 1000;
  process.stderr.write(`dist/jq.cjs: ${(bytes / 1e6).toFixed(1)} MB, ${seconds.toFixed(1)} s\n`);
}
