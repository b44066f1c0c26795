import { relativesOf } from '../../src/tui/screens/flow.ts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Snapshot } from '../../src/jobs/snapshot-types.ts';
import { columnsOf } from '../../src/lib/text.ts';
import type { Page, PageRequest } from '../../src/tui/data/page.ts';
import { keyOf } from '../../src/tui/places.ts';
import type { Desk } from '../../src/tui/desk.ts';
import type { Source } from '../../src/tui/poller.ts';
import { runSession } from '../../src/tui/session.ts';
import { createTerminal, type Terminal } from '../helpers/terminal.ts';
import { detailOf, event, group, job, pageOf, PLACES } from './pages.ts';
import { AT, busySnapshot, queue, snapshot } from './snapshots.ts';

let terminal: Terminal;
let ended: Promise<number>;

/** What a place shows, where a test does not say. */
const readPage = ({ place }: PageRequest): Promise<Page> => {
  const exact = PLACES.find(([, each]) => keyOf(each) === keyOf(place));
  const near = PLACES.find(([, each, page]) => page && each.screen === place.screen);
  return Promise.resolve((exact ?? near)![2]!);
};

/** Runs it in a terminal of its own. */
function open(
  source: Source | Snapshot,
  {
    columns = 80,
    rows = 24,
    color = false,
    ascii = false,
    readOnly = false,
    mouse = false,
    desk = {} as Partial<Desk>,
  } = {},
): void {
  const { stdin, stdout } = (terminal = createTerminal(columns, rows));
  const nothing = () => Promise.reject(new Error('not in this test'));
  const snapshot = typeof source === 'function' ? source : () => Promise.resolve(source);
  ended = runSession(
    { snapshot, read: readPage, count: nothing, run: nothing, edit: nothing, add: nothing, ...desk },
    {
      stdin,
      stdout,
      stderr: process.stderr,
      label: 'redis://10.0.0.5:6379/0',
      intervalMs: 1000,
      color,
      ascii,
      readOnly,
      mouse,
      env: {},
    },
  );
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
    ['queues', 120, 40, '', 'FAIL/s'],
    ['queues', 160, 45, '', 'FAIL/s'],
    ['queues', 60, 15, '', 'OLD'],
    ['queues-bars', 60, 15, 'b', 'a active'],
    ['queues-bars', 160, 45, 'b', 'a active'],
    ['jobs', 60, 15, '2', '88012'],
    ['jobs', 80, 24, '2', '88012'],
    ['jobs', 160, 45, '2', '88012'],
    ['jobs-all', 60, 15, `2${'\t'.repeat(5)}`, '[all'],
    ['jobs-all', 80, 24, `2${'\t'.repeat(5)}`, '[all'],
    ['jobs-all', 160, 45, `2${'\t'.repeat(5)}`, '[all'],
    ['groups', 60, 15, '3', 'TimeoutError'],
    ['groups', 80, 24, '3', 'TimeoutError'],
    ['groups', 160, 45, '3', 'TimeoutError'],
    ['letters', 80, 24, '3\r', '88013'],
    ['job', 60, 15, '2\r', 'Timeline'],
    ['job', 80, 24, '2\r', 'Payload'],
    ['job', 160, 45, '2\r', 'Payload'],
    ['job-error-unfolded', 80, 24, '2\r\t\tf', 'node_modules'],
    ['job-options', 80, 24, '2\r\t\t\t\t\t', 'backoff'],
    ['letters', 160, 45, '3\r', 'Error ─'],
    ['workers', 60, 15, '4', 'BEAT'],
    ['workers', 80, 24, '4', 'BEAT'],
    ['workers', 160, 45, '4', 'BEAT'],
    ['connections', 60, 15, '4c', 'bzpopmin'],
    ['connections', 160, 45, '4c', 'bzpopmin'],
    ['events', 80, 24, '5', 'completed'],
    ['schedules', 80, 24, 's', 'nightly'],
    ['types', 60, 15, '4h', '42% read'],
    ['types', 80, 24, '4h', '42% read'],
    ['types', 160, 45, '4h', '42% read'],
    ['types-of-queue', 80, 24, 'h', 'since 08:40'],
    ['type', 60, 15, 'h\r', 'Run times'],
    ['type', 80, 24, 'h\r', 'Run times'],
    ['type', 160, 45, 'h\r', 'By minute'],
    ['redis', 80, 24, 'i', 'noeviction'],
    ['palette', 80, 24, ':bil', 'queue billing'],
    ['help', 80, 24, '?', 'Keys of queues'],
    ['help', 60, 15, '?', 'Keys of queues'],
    ['too-small', 40, 10, '', 'q quit'],
  ])('%s at %dx%d', async (name, columns, rows, keys, awaited) => {
    open(busySnapshot(), { columns, rows });
    await terminal.waitFor('DLQ 1,040!');
    if (keys) terminal.type(keys);
    await terminal.waitFor(awaited);
    await expect(await frame()).toMatchFileSnapshot(`screens/${name}-${columns}x${rows}.txt`);
  });

  test('a flow: the parent, and the children by what became of them', async () => {
    const children = [
      { queue: 'mail', id: '7', became: 'pending' },
      { queue: 'evil\u001b[2J', id: '8', became: 'failed' },
    ] as const;
    const detail = detailOf({ parent: { queue: 'orders', id: '12' }, children: [...children], childCount: 120 });
    const read = (request: PageRequest) => {
      const { screen } = request.place;
      const rows = screen === 'flow' ? relativesOf(detail) : [];
      return screen === 'job' || screen === 'flow'
        ? Promise.resolve({ ...pageOf(rows), job: detail })
        : readPage(request);
    };
    open(busySnapshot(), { desk: { read } });
    await terminal.waitFor('> email');
    // One page further back than the first is the last one.
    terminal.type('2\r');
    await terminal.waitFor('Flow');
    terminal.type('\u001b[Z');
    await terminal.waitFor('waits for 120');
    await expect(await frame()).toMatchFileSnapshot('screens/job-flow-80x24.txt');
    // From one to the next, and back.
    terminal.type('/orders\r');
    await terminal.waitFor('1 of 3 shown');
    terminal.type('\r');
    await terminal.waitFor('Timeline');
    terminal.type('\u001b');
    await terminal.waitFor('1 of 3 shown');
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
    ['4', snapshot(), 'No workers. Start one: jq work'],
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

  test.each(['q\u0004', '\u0004q', 'jq\u0000'])(
    'a quit in one chunk with the end of what was typed: %j',
    async (keys) => {
      open(busySnapshot());
      await terminal.waitFor('> email');
      terminal.type(keys);
      expect(await ended).toBe(0);
    },
  );

  test('arrows, Tab, Escape as terminals send them', async () => {
    open(busySnapshot());
    await terminal.waitFor('> email');
    terminal.type('\u001b[B\u001bOB\u001b[A');
    await terminal.waitFor('>Preports');
    terminal.type('\t');
    await terminal.waitFor('Jobs of all queues');
    terminal.type('4');
    await terminal.waitFor('[4 Workers');
    terminal.type('/web-2');
    await terminal.waitFor('1 of 3 shown');
    terminal.type('\u001b');
    await terminal.waitFor('web-1:2210');
    expect(await frame()).not.toContain('filter:');
  });

  test('pasted text is never a command', async () => {
    open(busySnapshot());
    await terminal.waitFor('> email');
    terminal.type('\u001b[200~q3zD\u001b[201~');
    terminal.type('/\u001b[200~bil\nling\u001b[201~');
    await terminal.waitFor('filter: bil ling_');
    expect(await frame()).toContain('[1 Queues 4]');
  });

  test('an answer is never pasted', async () => {
    const run = vi.fn<Desk['run']>(() => Promise.resolve({ done: 1, failures: [], stopped: false }));
    open(busySnapshot(), { desk: { run } });
    await terminal.waitFor('> email');
    terminal.type('2');
    await terminal.waitFor('> 88013');
    terminal.type('C');
    await terminal.waitFor('y/N');
    terminal.type('\u001b[200~y\u001b[201~');
    terminal.type('n:');
    await terminal.waitFor('Commands, queues, jobs');
    expect(run).not.toHaveBeenCalled();
  });

  test('a capital letter typed ahead of the rows does nothing: they were not seen', async () => {
    const run = vi.fn<Desk['run']>(() => Promise.resolve({ done: 1, failures: [], stopped: false }));
    open(busySnapshot(), { desk: { run } });
    await terminal.waitFor('> email');
    terminal.type('2C');
    terminal.type('2\rCy');
    await terminal.waitFor('Timeline');
    expect(await frame()).not.toContain('y/N');
    expect(run).not.toHaveBeenCalled();
  });

  test('y copies what is under the cursor by OSC 52, encoded; the mouse is left to the terminal', async () => {
    open(busySnapshot());
    await terminal.waitFor('> email');
    terminal.type('y');
    await terminal.waitFor('copied email');
    expect(terminal.written()).toContain(`\u001b]52;c;${Buffer.from('email').toString('base64')}\u0007`);
    expect(terminal.written()).not.toMatch(/\?100[0-6]h/);
  });

  test('the mouse, when it is taken: a click gives a row the cursor, a second one opens it, the wheel moves', async () => {
    open(busySnapshot(), { mouse: true });
    await terminal.waitFor('> email');
    expect(terminal.mode().mouse).toBe(true);
    const row = async (name: string) => (await terminal.screen()).findIndex((line) => line.includes(name)) + 1;
    const click = (line: number, column = 10) =>
      terminal.type(`\u001b[<0;${column};${line}M\u001b[<0;${column};${line}m`);
    click(await row('reports'));
    await terminal.waitFor('>Preports');
    terminal.type('\u001b[<64;5;9M\u001b[<6');
    await terminal.waitFor('> email');
    // The rest of what the wheel said comes late, and is no key.
    terminal.type('5;5;9M');
    await terminal.waitFor(/^ >.thumbnails/m);
    // In their order among the keys.
    terminal.type(`k\u001b[<64;5;9Mjj`);
    await terminal.waitFor('>!billing');
    click(await row('billing'));
    await terminal.waitFor('billing  wait 41');
    // The tab of what has ended, as it is drawn.
    const [, , tabs] = await terminal.waitFor('done 5,000');
    click(3, tabs!.indexOf('done') + 1);
    await terminal.waitFor('[done');
    terminal.type('\u000f');
    await terminal.waitFor('The mouse is left to the terminal');
    expect(terminal.mode().mouse).toBe(false);
    terminal.type('\u000f');
    await terminal.waitFor('The mouse moves');
    expect(terminal.mode().mouse).toBe(true);
    terminal.type('q');
    expect(await ended).toBe(0);
    expect(terminal.mode()).toMatchObject({ mouse: false, raw: false });
    expect(process.listeners('exit').filter(({ name }) => name === 'leave')).toEqual([]);
  });

  test('what a pasted text says of the mouse is text', async () => {
    open(busySnapshot(), { mouse: true });
    await terminal.waitFor('> email');
    terminal.type('/\u001b[200~bil\u001b[<65;5;9M\u001b[201~');
    expect((await terminal.waitFor(/filter: bil.*65;5;9M/)).join('\n')).toContain('[1 Queues 4]');
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

  const tricks = ['\u001b[2J', '\u001b]52', '\u202e', '\u009b', '\u001b[31m'];
  const found = job(`id${evil}`, { type: evil, queue: evil, error: evil, state: 'failed' });
  const detail = detailOf({
    ...found,
    payload: { [evil]: evil },
    logs: [evil],
    failures: [{ attempt: 1, at: AT, worker: evil, durationMs: 1, error: evil, stack: [evil] }],
  });
  const pages: Partial<Record<PageRequest['place']['screen'], Page>> = {
    jobs: pageOf([found]),
    groups: pageOf([group('f00', { type: evil, error: evil, queues: [evil] })]),
    events: pageOf([event(evil, { queue: evil, name: evil, jobId: evil, detail: evil })]),
    job: { ...pageOf([]), job: detail },
  };

  test.each([
    ['queues', '1', 'q\\u{1b}'],
    ['jobs', '2', 'second'],
    ['groups', '3', 'second'],
    ['events', '5', 'second'],
    ['a job', '2\r', 'Timeline'],
    ['its payload', '2\r\t', 'second'],
    ['its error', '2\r\t\t', 'second'],
    ['its logs', '2\r\t\t\t', 'second'],
    ['the palette', ':queue', ': queue'],
  ])('from %s is shown and not obeyed, and breaks no line', async (_name, keys, awaited) => {
    open(snapshot({ queues: [queue(`q${evil}`, { failed: 1 })] }), {
      columns: 120,
      desk: { read: ({ place }) => Promise.resolve(pages[place.screen]!) },
    });
    await terminal.waitFor('[1 Queues 1]');
    terminal.type(keys);
    const lines = await terminal.waitFor(awaited);
    expect(lines).toHaveLength(24);
    expect(lines[0]).toMatch(/^ jq top/);
    expect(lines.join('\n')).toContain('\\u{1b}[2J');
    for (const trick of tricks) expect(terminal.written()).not.toContain(trick);
  });

  test('wide and combining letters keep the columns straight', async () => {
    const names = ['数数数数数数数数数数', 'e\u0301e\u0301e\u0301e\u0301', '👩‍👩‍👧‍👦 family', 'plain'];
    open(snapshot({ queues: names.map((name) => queue(name, { waiting: 7 })) }));
    const lines = (await terminal.waitFor('plain')).slice(5, 9);
    // The emulator gives a wide letter one place in its text: what stands at the same column is told by its width.
    for (const line of lines)
      expect(columnsOf(line.slice(0, line.indexOf(' 7 ')))).toBe(
        columnsOf(lines.at(-1)!.slice(0, lines.at(-1)!.indexOf(' 7 '))),
      );
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
      expect(terminal.mode()).toEqual({ alternate: true, cursor: false, raw: true, mouse: false });
      terminal.type(key);
      expect(await ended).toBe(code);
      expect(await frame()).toBe('\n'.repeat(24));
      expect(terminal.mode()).toEqual({ alternate: false, cursor: true, raw: false, mouse: false });
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
