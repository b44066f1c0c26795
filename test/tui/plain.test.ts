import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { renderJson, renderPlain } from '../../src/tui/plain.ts';
import { AT, busySnapshot, queue, snapshot } from './snapshots.ts';

test('one line a queue, bare numbers, no colour, no trailing spaces', () => {
  expect(renderPlain(busySnapshot())).toBe(
    `QUEUE       STATE     WAIT  ACTIVE  DELAYED  DLQ   OK/S  FAIL/S  P50MS  P95MS  OLDEST_S  IN/S  DEAD/S  WAIT_P95MS  DRAIN_S  PAUSED_BY  TODAY    MEM_BYTES
billing     noworker  41    0/0     0        0     -     -       -      -      180       -     0       -           -        -          -        -
email       ok        1021  12/20   4        1038  212   4.1     180    1900   6         250   0.5     5800        -        -          1204551  137363456
reports     paused    88    0/5     6        0     0     0       -      -      840       -     0       -           -        ana@web-1  0        86016
thumbnails  ok        12    5/10    0        2     20    0       2100   4800   0         18    0       400         6        -          0        86016
`,
  );
});

test('names are cleaned, not obeyed, and never break a line', () => {
  const [, line, ...rest] = renderPlain(snapshot({ queues: [queue('a\n\u001b[2Jb')] })).split('\n');
  expect(line).toMatch(/^a \\u\{1b\}\[2Jb +ok /);
  expect(rest).toEqual(['']);
});

test('without queues only the titles', () => expect(renderPlain(snapshot())).toMatch(/^QUEUE .*OLDEST_S .*\n$/));

test('JSON with a version, states and RFC 3339 times', () => {
  const json = JSON.parse(JSON.stringify(renderJson(busySnapshot())));
  expect(Object.keys(json)).toEqual(['v', 'at', 'redis', 'queues', 'workers', 'deadLetters', 'totals']);
  expect(json).toMatchObject({ v: 1, at: AT.toISOString(), totals: { failed: 1040 }, redis: { version: '7.4.1' } });
  expect(json.queues.map((each: { name: string; state: string }) => [each.name, each.state])).toEqual([
    ['billing', 'noworker'],
    ['email', 'ok'],
    ['reports', 'paused'],
    ['thumbnails', 'ok'],
  ]);
  expect(json.workers[2]).toMatchObject({ id: 'web-3/1102', state: 'lost', beatAt: '2026-03-14T09:40:36.000Z' });
  expect(json.deadLetters[0]).toMatchObject({ queue: 'email', diedAt: '2026-03-14T09:41:03.000Z' });
});

test('loads neither Ink nor React', () => {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    await import(${JSON.stringify(new URL('../../src/tui/plain.ts', import.meta.url).href)});
    console.log(JSON.stringify(loaded));
  `;
  const loaded: string[] = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }),
  );
  expect(loaded.some((url) => url.endsWith('/src/tui/plain.ts'))).toBe(true);
  expect(loaded.filter((url) => /\/(ink|react)[/-]/.test(url))).toEqual([]);
});
