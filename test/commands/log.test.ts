import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../commands/framework/context.ts';
import { createLog } from '../../commands/framework/log.ts';
import { painter } from '../../commands/framework/terminal.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { folderOf } from '../helpers/write-files.ts';

const HOSTILE = '\u001B]52;c;eA==\u0007\u009B31m\u202E\u2028é';

/** What a log writes, on a terminal and elsewhere. */
async function written(isTTY: boolean, fields: object, message: string): Promise<string> {
  let said = '';
  const stderr = { isTTY, write: (text: string) => (said += text) };
  const context = { stderr, paintNote: painter(false) } as unknown as Context;
  const log = await createLog(context, (await loadConfig({ cwd: await folderOf(), env: {} })).values);
  log.child({ job: HOSTILE }).info(fields, message);
  log.info('the next');
  // Lines go out at the end of the turn.
  expect(said).toBe('');
  await setImmediate();
  return said;
}

describe.each([
  ['a terminal', true],
  ['a file', false],
])('the log, on %s', (_name, isTTY) => {
  it('#17 holds no character that does something to a terminal', async () => {
    const said = await written(isTTY, { reason: HOSTILE, list: [HOSTILE] }, `it said ${HOSTILE}`);
    expect(said).toMatch(/^[\n\x20-\x7Eé]*$/);
    expect(said).toContain('52;c;eA==');
  });

  it('#18 masks fields that are secret by their name', async () => {
    const said = await written(isTTY, { password: 'canary', nested: { 'x-api-key': 'canary' } }, 'done');
    expect(said).not.toContain('canary');
    expect(said).toContain('****');
  });
});

it('off a terminal each line stays the JSON that it is', async () => {
  const said = await written(false, { reason: HOSTILE }, HOSTILE);
  const [line, next] = said.split('\n');
  expect(JSON.parse(line!)).toMatchObject({ level: 'info', job: HOSTILE, reason: HOSTILE, msg: HOSTILE });
  expect(JSON.parse(next!)).toMatchObject({ msg: 'the next' });
});
