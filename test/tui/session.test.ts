import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Snapshot } from '../../src/jobs/snapshot-types.ts';
import type { Source } from '../../src/tui/poller.ts';
import { runSession } from '../../src/tui/session.ts';
import { createTerminal, type Terminal } from '../helpers/terminal.ts';
import { AT, busySnapshot, deadLetter, queue, snapshot } from './snapshots.ts';

let terminal: Terminal;
let ended: Promise<number>;

/** Runs it in a terminal of its own. */
function open(source: Source | Snapshot, { columns = 80, rows = 24, color = false, ascii = false } = {}): void {
  const { stdin, stdout } = (terminal = createTerminal(columns, rows));
  ended = runSession(typeof source === 'function' ? source : () => Promise.resolve(source), {
    stdin,
    stdout,
    stderr: process.stderr,
    label: 'redis://10.0.0.5:6379/0',
    intervalMs: 1000,
    color,
    ascii,
  });
}

beforeEach(() => {
  // Only the wall clock stands still; timers run.
  vi.useFakeTimers({ toFake: ['Date'], now: AT });
  vi.stubEnv('TZ', 'UTC');
  vi.stubEnv('CI', 'true');
});

afterEach(async () => {
  terminal.type('\u0003');
  await ended;
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const frame = async (): Promise<string> => `${(await terminal.screen()).join('\n')}\n`;

describe('screens', () => {
  test.each([
    ['queues', 80, 24, '', '5 MIN'],
    ['queues', 160, 45, '', 'FAIL/s'],
    ['queues', 60, 15, '', 'OLD'],
    ['dead-letters', 80, 24, '2', 'ERROR'],
    ['dead-letters', 160, 45, '2', 'ERROR'],
    ['workers', 80, 24, '3', 'BEAT'],
    ['help', 80, 24, '?', 'Ctrl-Z'],
    ['help', 60, 15, '?', 'Ctrl-Z'],
    ['too-small', 40, 10, '', 'q quit'],
  ])('%s at %dx%d', async (name, columns, rows, keys, awaited) => {
    open(busySnapshot(), { columns, rows });
    await terminal.waitFor('DLQ 1,040!');
    if (keys) terminal.type(keys);
    await terminal.waitFor(awaited);
    await expect(await frame()).toMatchFileSnapshot(`screens/${name}-${columns}x${rows}.txt`);
  });

  test('in ASCII only ASCII is written', async () => {
    open(snapshot({ queues: [queue('größe-数', { waiting: 3, history: [1, 5, 9] })] }), { ascii: true });
    await terminal.waitFor('> gr??e-?');
    // oxlint-disable-next-line no-control-regex -- the escape sequences are ASCII too
    expect(terminal.written()).toMatch(/^[\x00-\x7f]*$/);
  });

  test('without colour no colour is written, with it only the 16 of ANSI', async () => {
    open(busySnapshot());
    await terminal.waitFor('email');
    expect(colors(terminal.written())).toEqual([]);
    terminal.type('q');
    await ended;
    open(busySnapshot(), { color: true });
    await terminal.waitFor('email');
    expect(colors(terminal.written())).toEqual(['1', '2', '22', '31', '32', '33', '36', '39']);
  });

  test.each([
    ['1', snapshot(), "No queues yet. Try: jq enqueue TYPE --payload '{}'"],
    ['2', snapshot(), 'No dead letters.'],
    ['3', snapshot(), 'No workers. Start one: jq work'],
    ['/foo', busySnapshot(), 'Nothing matches "foo". Esc clears.'],
  ])('what to do when there is nothing: %s', async (keys, data, text) => {
    open(data);
    await terminal.waitFor('live');
    terminal.type(keys);
    expect((await terminal.waitFor(text))[6]).toMatch(/^ {3}N/);
  });

  test('200 queues: what does not fit is a key away', async () => {
    open(
      snapshot({
        queues: Array.from({ length: 200 }, (_, index) => queue(`queue-${index}`, { waiting: 1000 - index })),
      }),
    );
    expect((await terminal.waitFor('[1 Queues 200]')).filter((line) => line.includes('queue-'))).toHaveLength(16);
    terminal.type('G');
    await terminal.waitFor('> queue-199');
    terminal.type('\u001b[5~');
    await terminal.waitFor('> queue-183');
  });

  test('10,000 dead letters are counted, the newest listed', async () => {
    const deadLetters = Array.from({ length: 200 }, (_, index) =>
      deadLetter(`job-${index}`, { diedAt: new Date(AT.getTime() - index * 1000) }),
    );
    open(snapshot({ queues: [queue('email', { failed: 10_000 })], deadLetters }));
    await terminal.waitFor('2 Dead letters 10,000');
    terminal.type('2');
    expect((await terminal.waitFor('10,000 dead letters in 1 queue  the newest 200 are listed'))[5]).toMatch(
      /^ > job-0 .* 0s TimeoutError/,
    );
  });
});

describe('keys', () => {
  test('several in one chunk', async () => {
    open(busySnapshot());
    await terminal.waitFor('> email');
    terminal.type('jjj');
    await terminal.waitFor('> thumbnails');
    terminal.type('/bil\rz');
    await terminal.waitFor(/filter: bil +1 of 4 shown/);
    await terminal.waitFor('frozen 09:41:07');
    expect((await terminal.screen())[5]).toMatch(/^ >!billing/);
  });

  test('arrows, Tab, Escape as terminals send them', async () => {
    open(busySnapshot());
    await terminal.waitFor('> email');
    terminal.type('\u001b[B\u001bOB\u001b[A');
    await terminal.waitFor('>Preports');
    terminal.type('\t');
    await terminal.waitFor('[2 Dead letters');
    terminal.type('\u001b[Z\u001b[Z');
    await terminal.waitFor('[3 Workers');
    terminal.type('/web-2');
    await terminal.waitFor('1 of 3 shown');
    terminal.type('\u001b');
    await terminal.waitFor('web-1:2210');
    expect(await frame()).not.toContain('filter:');
  });

  test('pasted text is never a command', async () => {
    open(busySnapshot());
    await terminal.waitFor('> email');
    terminal.type('\u001b[200~q3z\u001b[201~');
    terminal.type('/\u001b[200~bil\nling\u001b[201~');
    await terminal.waitFor('filter: bil ling_');
    expect(await frame()).toContain('[1 Queues 4]');
  });

  test('Ctrl-L draws a screen anew that something else wrote on', async () => {
    open(busySnapshot());
    await terminal.waitFor('> email');
    const before = await frame();
    terminal.stdout.write('\u001b[2J\u001b[5;5Hnoise');
    await terminal.waitFor('noise');
    terminal.type('\u000c\u000c');
    await terminal.waitFor('> email');
    expect(await frame()).toBe(before);
  });

  test('the interval', async () => {
    open(busySnapshot());
    await terminal.waitFor('live 1s');
    terminal.type('+');
    await terminal.waitFor('live 2s');
    terminal.type('---');
    expect((await terminal.waitFor('live 250ms'))[0]).toMatch(/● live 250ms {2}09:41:07$/);
  });
});

describe('Redis away', () => {
  test('keeps the data, says since when, and comes back by itself', async () => {
    let away = false;
    open(() =>
      away ? Promise.reject(new Error('connect ECONNREFUSED 10.0.0.5:6379')) : Promise.resolve(busySnapshot()),
    );
    await terminal.waitFor('● live 1s  09:41:07');
    away = true;
    terminal.type('r');
    await terminal.waitFor('○ LOST 0s');
    await expect(await frame()).toMatchFileSnapshot('screens/lost-80x24.txt');
    vi.setSystemTime(AT.getTime() + 12_000);
    await terminal.waitFor('○ LOST 12s  09:41:19');
    away = false;
    await terminal.waitFor('● live 1s');
    expect(await frame()).not.toContain('ECONNREFUSED');
  });

  test('from the start', async () => {
    const first = Promise.withResolvers<Snapshot>();
    open(() => first.promise);
    await terminal.waitFor('○ connecting');
    first.reject(new Error('no such host'));
    await terminal.waitFor('No data yet: Redis does not answer.');
    expect((await terminal.screen()).slice(-3, -1)).toEqual([' ○ no such host', ' retry 1 in 1s (r now)']);
  });
});

describe('hostile text', () => {
  const evil = '\u001b[2J\u001b]52;c;ZXZpbA==\u0007\u202egnp.exe\r\nsecond\u009bline\u001b[31mred';

  test('from names and errors is shown and not obeyed', async () => {
    const queues = [queue(`q${evil}`, { failed: 1 })];
    open(snapshot({ queues, deadLetters: [deadLetter(`id${evil}`, { type: evil, queue: evil, error: evil })] }), {
      columns: 160,
      rows: 24,
    });
    await terminal.waitFor('[1 Queues 1]');
    terminal.type('2');
    const lines = await terminal.waitFor(/second/);
    expect(lines).toHaveLength(24);
    expect(lines[2]).toBe(' 1 Queues 1  [2 Dead letters 1]  3 Workers');
    expect(lines[5]).toContain('\\u{1b}[2J\\u{1b}]52;c;');
    for (const trick of ['\u001b[2J', '\u001b]52', '\u202e', '\u009b', '\u001b[31m'])
      expect(terminal.written()).not.toContain(trick);
  });

  test('from an error of Redis too', async () => {
    open(() => Promise.reject(new Error(evil)));
    await terminal.waitFor('\\u{1b}[2J');
    expect(terminal.written()).not.toContain('\u001b]52');
  });
});

describe('the terminal', () => {
  test('a storm of sizes ends in the last one', async () => {
    open(busySnapshot(), { columns: 160, rows: 45 });
    await terminal.waitFor('> email');
    const expected = await frame();
    for (let step = 0; step < 40; step++) {
      terminal.resize(40 + ((step * 37) % 121), 10 + ((step * 13) % 36));
      if (step % 7 === 0) await terminal.waitFor(/DLQ/);
    }
    terminal.resize(160, 45);
    await terminal.waitFor('> email');
    await expect.poll(frame).toBe(expected);
  });

  test.each([
    [1, 1],
    [2, 2],
    [59, 15],
    [60, 14],
    [300, 100],
  ])('a size of %dx%d does no harm', async (columns, rows) => {
    open(busySnapshot(), { columns, rows });
    terminal.resize(80, 24);
    await terminal.waitFor('> email');
    terminal.resize(columns, rows);
    terminal.resize(60, 15);
    expect((await terminal.waitFor(/q quit$/)).at(-1)).toMatch(/^ ↑↓ move .* {2}\? help {2}q quit$/);
  });

  test('is left as it was, by q with 0 and by Ctrl-C with 130', async () => {
    for (const [key, code] of [
      ['q', 0],
      ['\u0003', 130],
    ] as const) {
      open(busySnapshot());
      await terminal.waitFor('> email');
      expect(terminal.mode()).toEqual({ alternate: true, cursor: false, raw: true });
      terminal.type(key);
      expect(await ended).toBe(code);
      expect(await frame()).toBe('\n'.repeat(24));
      expect(terminal.mode()).toEqual({ alternate: false, cursor: true, raw: false });
    }
  });

  test('that goes away ends it', async () => {
    open(busySnapshot());
    await terminal.waitFor('> email');
    terminal.hangUp();
    expect(await ended).toBe(129);
  });
});

/** The parameters of all colour sequences in a text, each once. */
const colors = (text: string): string[] =>
  // oxlint-disable-next-line no-control-regex -- that is what is looked for
  [...new Set([...text.matchAll(/\u001b\[([\d;]*)m/g)].flatMap((match) => match[1]!.split(';')))].toSorted(
    (a, b) => Number(a) - Number(b),
  );
