import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../commands/framework/context.ts';
import { createLog } from '../../commands/framework/log.ts';
import { painter } from '../../commands/framework/terminal.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { folderOf } from '../helpers/write-files.ts';

const HOSTILE = '\u001B]52;c;eA==\u0007\u009B31m\u202E\u2028é';

async function openLog(isTTY: boolean, env: NodeJS.ProcessEnv, write: (text: string) => void) {
  const context = { stderr: { isTTY, write }, paintNote: painter(false) } as unknown as Context;
  return createLog(context, (await loadConfig({ cwd: await folderOf(), env })).values);
}

/** What a log writes, on a terminal and elsewhere. */
async function written(isTTY: boolean, fields: object, message: string): Promise<string> {
  let said = '';
  const log = await openLog(isTTY, {}, (text) => (said += text));
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

describe('a line of texts and numbers', () => {
  it('is what pino would write', async () => {
    const lines: string[] = [];
    const log = await openLog(false, {}, (text) => lines.push(...text.trim().split('\n')));
    const pinos = log.child({});
    for (const fields of [
      { path: '/api/jobs', status: 201, ok: true, who: undefined, ms: 0.5 },
      { path: '"\\\n\u0001\ud800é' },
      { ms: NaN, max: Infinity },
      {},
      { token: 'canary' },
    ]) {
      log.info(fields, 'it is 100% done');
      pinos.info(fields, 'it is 100% done');
    }
    await setImmediate();
    const said = lines.map((line) => Object.entries(JSON.parse(line) as object).filter(([name]) => name !== 'time'));
    expect(said).toHaveLength(10);
    expect(said.filter((_line, index) => index % 2 === 0)).toEqual(said.filter((_line, index) => index % 2 === 1));
  });

  it('is not written where nobody wants it', async () => {
    let said = '';
    const log = await openLog(false, { JQ_LOG_LEVEL: 'warn' }, (text) => (said += text));
    log.info({ status: 201 }, 'request');
    log.warn({ status: 201 }, 'beware');
    await setImmediate();
    expect(said).toMatch(/^\{[^\n]*beware[^\n]*\}\n$/);
  });
});

it('an error is told as pino tells it', async () => {
  const said = await written(false, new Error('broken'), 'failed');
  expect(JSON.parse(said.split('\n')[0]!)).toMatchObject({ msg: 'failed', err: { message: 'broken' } });
});
