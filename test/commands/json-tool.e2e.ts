import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runJq } from '../helpers/run-jq.ts';

let folder: string;
let searchPath: string;

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-json-'));
  const place = (name: string) => path.join(folder, name, 'jq');
  for (const name of ['us', 'again', 'tool']) fs.mkdirSync(path.join(folder, name));
  // First on PATH a link to this program, then another copy of it, then the JSON tool.
  fs.symlinkSync(inject('program'), place('us'));
  fs.writeFileSync(place('again'), `#!/bin/sh\nexec "${process.execPath}" "${inject('program')}" "$@"\n`, {
    mode: 0o755,
  });
  fs.writeFileSync(place('tool'), '#!/bin/sh\nprintf "the tool:"; printf " <%s>" "$@"; cat; exit 7\n', { mode: 0o755 });
  searchPath = ['us', 'again', 'tool'].map((name) => path.join(folder, name)).join(':');
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

const run = (args: string[], env: Record<string, string> = {}) =>
  runJq(args, { input: ' input', env: { PATH: `${searchPath}:/usr/bin:/bin`, ...env } });

describe('a call that can only be meant for the JSON tool is handed to it', () => {
  it.each([
    [['.a']],
    [['-r', '.items[] | .name']],
    [['-n', '{"a": 1}']],
    [['{a: .b}', 'file.json']],
    [['[.[]]']],
    [['--arg', 'name', 'ana', '.x']],
    [['-s', 'length', 'file.json']],
    [['map(.a)']],
    [['length', 'file.json']],
    [['if .a then 1 else 2 end']],
    [['keys == ["a"]']],
    [['-r', 'keys']],
    [['-f', 'filter.jq']],
    [['--indent', '4', '.']],
  ])('%j', async (args) => {
    const { code, stdout } = await run(args);
    expect(stdout).toBe(`the tool:${args.map((arg) => ` <${arg}>`).join('')} input`);
    expect(code).toBe(7);
  });
});

it.each([
  [['enqueue', '--help']],
  [['--help']],
  [['enqueu']],
  [['-q', 'help', 'filters']],
  [['keys']],
  [['j_0199']],
  [['type/a']],
])('%j is for us', async (args) => {
  expect((await run(args)).stdout).not.toContain('the tool');
});

it('JQ_NO_PASSTHROUGH=1 turns it off', async () => {
  expect(await run(['.a'], { JQ_NO_PASSTHROUGH: '1' })).toEqual({
    code: 2,
    stdout: '',
    stderr: "jq: Unknown command '.a'\nSee: jq --help\n",
  });
});

it('where there is none, explains itself', async () => {
  const { code, stderr } = await run(['.a'], { PATH: path.join(folder, 'us') });
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^jq: This is jq, the job queue; "\.a" looks like a call of jq, the JSON tool, which is not on PATH\n/,
  );
});
