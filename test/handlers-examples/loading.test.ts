import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const FOLDER = new URL('../../handlers/', import.meta.url);

// Node itself loads each file and prints the packages that the examples asked for on the way.
const LOAD = `
  import { registerHooks } from 'node:module';
  const asked = new Set();
  registerHooks({
    resolve(specifier, context, next) {
      if (context.parentURL?.startsWith(process.argv[1]) && !specifier.startsWith('node:')) asked.add(specifier);
      return next(specifier, context);
    },
  });
  for (const file of process.argv.slice(2)) await import(new URL(file, process.argv[1]));
  process.stdout.write(JSON.stringify([...asked].sort()));
`;

it('loads every module among the examples without its heavy packages, so that checking a payload is quick', async () => {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.ts'));
  expect(files.length).toBeGreaterThanOrEqual(7);
  const args = ['--input-type=module', '--eval', LOAD, FOLDER.href, ...files];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(JSON.parse(stdout)).toEqual(['jobqueue', 'zod']);
});
