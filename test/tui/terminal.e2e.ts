import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import type { Redis } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { plantJobs } from '../helpers/plant-jobs.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openShell, type Shell } from '../helpers/shell.ts';
import { createTerminal, type Terminal } from '../helpers/terminal.ts';

// What nobody does on purpose, on a pseudo-terminal of the system, with one Redis for all of it.
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-terminal-'));
let server: TestRedis;
let redis: Redis;
let terminal: Terminal;
let shell: Shell;

/** Text that clears the screen, fills the clipboard, names the window, and turns what follows around. */
const HOSTILE =
  'sent\u001b[2J\u001b[H \u001b]52;c;aGFja2Vk\u0007 \u001b]0;owned\u0007 \u202eabc\u2066 \u009b31m line\r\nbreak';

/** Shows that it has the terminal as it should be, until Enter is pressed. */
const PAGER = path.join(folder, 'pager');
const PAGER_SCRIPT = `#!/bin/sh
echo "paging with $(stty -a | grep -ow -- '-\\?icanon')"
cat "$1"
read -r answer
`;

const MANY = 100_000;

/** Dead letters in one call: a million commands would take longer than what is tested. */
const FILL_DEAD = `
for index = 1, tonumber(ARGV[1]) do
  local id = 'd' .. index
  redis.call('HSET', 'bull:bulk:' .. id, 'name', 'send', 'data', '{}', 'opts', '{"attempts":1}', 'timestamp', 1e12,
    'finishedOn', 1e12 + index, 'processedOn', 1e12, 'failedReason', 'gone ' .. index, 'atm', 1)
  redis.call('ZADD', 'bull:bulk:failed', 1e12 + index, id)
end
redis.call('HSET', 'bull:bulk:meta', 'version', 'bullmq:5.66.0')
redis.call('SADD', 'jq:bull:queues', 'bulk')
return 1`;

const openRedis = (): Promise<Redis> => openQuickRedis(parseTarget(server.url, 'test'));

beforeAll(async () => {
  fs.writeFileSync(PAGER, PAGER_SCRIPT, { mode: 0o755 });
  server = await startRedis();
  redis = await openRedis();
  await plantJobs(redis, [
    { id: 'w1', state: 'waiting', createdAt: Date.now() },
    { id: 'w2', state: 'waiting', queue: 'bills', createdAt: Date.now() },
    { id: `evil\u001b[2J`, state: 'failed', queue: 'evil\u202e', type: HOSTILE, fields: { failedReason: HOSTILE } },
    { id: 'wait', state: 'waiting', queue: 'evil\u202e', type: HOSTILE, payload: { [HOSTILE]: HOSTILE } },
  ]);
});
afterAll(async () => {
  await redis.close();
  await server.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  terminal = createTerminal(100, 30);
  const env = { JQ_REDIS_URL: server.url, PAGER, CI: 'true', NO_COLOR: '', NODE_OPTIONS: '' };
  shell = await openShell(terminal, { cwd: folder, env });
  shell.enter(`clear; ${process.execPath} ${inject('program')} top; echo "ended with $?"`);
  await terminal.waitFor('● live 1s');
});
afterEach(() => shell.close());

/** The picture without what the time alone changes. */
const still = async (): Promise<string[]> =>
  (await terminal.screen()).map((line) => line.replace(/\d\d:\d\d:\d\d|\b\d+[smhd]\b!?|● live \S+/g, '…'));

test('hundreds of keys in one chunk all count, in their order', async () => {
  await terminal.waitFor('bills');
  terminal.type(`${'jk'.repeat(150)}${'\t'.repeat(60)}1/xmai\u007f\u007f\u007f\u007fmai\r`);
  const lines = await terminal.waitFor(/1 of \d+ shown|filter mai/);
  expect(lines.join('\n')).toMatch(/^ >!mail +1 /m);
  expect(lines.join('\n')).not.toMatch(/^ [> ].bills/m);
  terminal.type('\u001b');
  await terminal.waitFor('bills');
});

test('a storm of sizes, down to a single character, ends in one whole picture', async () => {
  await terminal.waitFor('bills');
  const sizes = Array.from({ length: 40 }, (_, index) => [1 + ((index * 37) % 160), 1 + ((index * 17) % 45)] as const);
  for (const [columns, rows] of [...sizes, [1, 1], [160, 45], [40, 10], [90, 26]] as const)
    await shell.resize(columns, rows);
  const whole = async () => {
    const lines = await terminal.screen();
    return lines.length === 26 && lines[0]!.startsWith(' jq top') && lines.at(-1)!.endsWith(' quit');
  };
  await expect.poll(whole).toBe(true);
  await expect
    .poll(async () => (await terminal.screen()).filter((line) => line.includes('bills')).length)
    .toBeGreaterThan(0);
  const before = await still();
  // Drawn anew from nothing, it is the same: nothing of other sizes was left over.
  terminal.type('\u000c');
  await expect.poll(still).toEqual(before);
});

test('Redis killed and started again while something is being typed', async () => {
  await terminal.waitFor('bills');
  terminal.type('/ma');
  await terminal.waitFor(/filter:? ma/);
  await server.kill();
  const lost = await terminal.waitFor(/○ LOST \d+s/);
  expect(lost.join('\n')).toMatch(/^ >!mail +1 /m);
  terminal.type('i');
  await terminal.waitFor(/filter:? mai/);
  await server.restart();
  redis = await openRedis();
  const back = await terminal.waitFor('● live 1s');
  expect(back.join('\n')).toMatch(/filter:? mai/);
});

test('a pager gets the terminal with all its lines, secrets masked, and gives it back', async () => {
  const payload = { password: 'hunter2', list: Array.from({ length: 5 }, (_, index) => `line ${index}`) };
  await plantJobs(redis, [{ id: 'paged', state: 'waiting', createdAt: Date.now(), payload }]);
  await terminal.waitFor('bills');
  terminal.type(':job paged\r');
  await terminal.waitFor('Timeline');
  terminal.type('v');
  const pages = await terminal.waitFor(/paging with icanon[^]*"line 4"/);
  expect(pages.join('\n')).not.toContain('● live');
  expect(terminal.written()).not.toContain('hunter2');
  terminal.type('q\r');
  const back = await terminal.waitFor('● live');
  expect(back.join('\n')).toContain('mail › paged');
  // What was typed into the pager was not meant for jq top.
  terminal.type('\t');
  await terminal.waitFor('[Payload]');
  await redis.call('DEL', 'bull:mail:paged');
  await redis.call('LREM', 'bull:mail:wait', 0, 'paged');
});

test('text of jobs does nothing to the terminal, on any screen', async () => {
  await terminal.waitFor('evil');
  const seen = new Set<string>();
  for (let screen = 0; screen < 8; screen += 1) {
    await expect.poll(async () => (await still()).join('\n')).not.toContain('Reading…');
    for (const line of await terminal.screen()) seen.add(line);
    const before = await still();
    terminal.type('\t');
    await expect.poll(still).not.toEqual(before);
  }
  const all = [...seen].join('\n');
  expect(all).toContain('\\u{1b}[2J');
  expect(all).toContain('evil\\u{202e}');
  const written = terminal.written();
  // The shell names no window either: whatever is of this kind came from a job.
  for (const trick of ['\u001b]', '\u202e', '\u2066', '\u009b', 'aGFja2Vk\u0007']) expect(written).not.toContain(trick);
  expect((await terminal.screen())[0]).toMatch(/^ jq top/);
});

test('a hundred thousand dead letters: shown at once, walked to the end, and a replay of all that is stopped halfway', async () => {
  await redis.call('EVAL', FILL_DEAD, 0, MANY);
  terminal.type('r');
  await terminal.waitFor(/DLQ 100,00\d!/);
  terminal.type('3');
  await terminal.waitFor(/> gone/);
  terminal.type('l');
  await terminal.waitFor('d100000');
  terminal.type('G');
  await expect.poll(async () => (await terminal.screen()).join('\n')).not.toContain('d100000');
  terminal.type('3');
  await terminal.waitFor(/> gone/);
  terminal.type('R');
  // So many are counted first.
  await expect.poll(async () => (await terminal.screen()).join('\n')).toContain('Type the number');
  terminal.type(`${MANY}\r`);
  await terminal.waitFor(/replayed [1-9][\d,]*\/100,000/);
  terminal.type('x');
  await terminal.waitFor('stopped: the same again goes on');
  const [dead, waiting] = [await redis.call('ZCARD', 'bull:bulk:failed'), await redis.call('LLEN', 'bull:bulk:wait')];
  expect(Number(dead) + Number(waiting)).toBe(MANY);
  expect(Math.min(Number(dead), Number(waiting))).toBeGreaterThan(0);
  const ids = new Set((await redis.call('LRANGE', 'bull:bulk:wait', 0, -1)) as string[]);
  expect(ids.size).toBe(waiting);
  terminal.type('q');
  await terminal.waitFor('ended with 0');
});
