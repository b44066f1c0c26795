import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type programFor from '../build/program-for.cjs';
import { isHost, type Target } from './targets.ts';

/** The programs of an executable, and a run of each that shows V8 what they need. */
export const RUNS: Record<ReturnType<typeof programFor>, readonly string[]> = {
  program: ['jobs', 'list'],
  enqueue: ['enqueue', 'noop', '--quiet'],
};
/** They make the same run give the same bytes. */
const FLAGS = ['--hash-seed=42', '--no-flush-bytecode', '--no-sparkplug'];

/**
 * Has V8 compile the programs in a folder, `NAME.cjs`, to `NAME.cache` beside them. Only a target's own Node can do so.
 * @returns whether it could be run here
 */
export function recordCaches(target: Target, { node, folder }: { node: string; folder: string }): boolean {
  const runner = runnerOf(target, node);
  if (runner === undefined) return false;
  const project = fs.mkdtempSync(path.join(folder, 'project-'));
  fs.mkdirSync(path.join(project, 'handlers'));
  fs.writeFileSync(path.join(project, 'handlers', 'noop.ts'), 'export default async (): Promise<void> => {};\n');
  const { PATH, QEMU_LD_PREFIX } = process.env;
  const env = { PATH, QEMU_LD_PREFIX, HOME: project };
  const recorder = path.join(import.meta.dirname, 'record-cache.cjs');
  for (const [name, words] of Object.entries(RUNS)) {
    const [text, cache] = ['cjs', 'cache'].map((ending) => path.join(folder, `${name}.${ending}`)) as [string, string];
    const [program = '', ...args] = [...runner, node, ...FLAGS, recorder, text, cache, ...words];
    // The first one starts a Redis, and how long that takes differs. Without a Redis there is less to record.
    for (let run = 0; run < 2; run += 1) spawnSync(program, args, { cwd: project, stdio: 'ignore', env });
    if (!fs.existsSync(cache)) throw new Error(`V8 did not compile ${name}.cjs for ${target.name}`);
  }
  return true;
}

/** What stands before a target's programs to run them here; `undefined` when they cannot be run. An emulator finds libraries in QEMU_LD_PREFIX. */
function runnerOf({ name, emulator }: Target, node: string): string[] | undefined {
  const runner = isHost(name) ? [] : [emulator];
  const [program = '', ...args] = [...runner, node, '--print', '1'];
  return spawnSync(program, args).status === 0 ? runner : undefined;
}
