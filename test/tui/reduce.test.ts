import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnsOf } from '../../src/lib/text.ts';
import type { Snapshot } from '../../src/jobs/snapshot-types.ts';
import { BINDINGS } from '../../src/tui/keys.ts';
import { pageRows } from '../../src/tui/layout.ts';
import { listOf } from '../../src/tui/list.ts';
import { isText } from '../../src/tui/screens/index.ts';
import { PACES, reduce } from '../../src/tui/reduce.ts';
import { render } from '../../src/tui/render.ts';
import { viewOf } from '../../src/tui/state.ts';
import { event, group, job, pageOf, PLACES } from './pages.ts';
import { AT, busySnapshot, queue, snapshot } from './snapshots.ts';
import { at as go, press, refresh, rowsOf, send, start } from './states.ts';

/** Queues `q00`, `q01`, … with falling counts, so that the order is that of their names. */
const queues = (amount: number, waiting = (index: number) => 1000 - index): Snapshot =>
  snapshot({ queues: Array.from({ length: amount }, (_, index) => queue(nameOf(index), { waiting: waiting(index) })) });
const nameOf = (index: number) => `q${String(index).padStart(2, '0')}`;

const PAGE = pageRows({ size: { columns: 80, rows: 24 }, place: { screen: 'queues' } });

describe('moving', () => {
  test.each<[string, string[], string]>([
    ['down', ['j', 'down'], 'q02'],
    ['up', ['j', 'j', 'k', 'up'], 'q00'],
    ['no further than the first row', ['k', 'page-up', 'j'], 'q01'],
    ['a page', ['page-down'], nameOf(PAGE)],
    ['a page and back', ['page-down', 'page-up'], 'q00'],
    ['to the last row', ['G'], 'q59'],
    ['no further than the last row', ['end', 'j', 'page-down', 'k'], 'q58'],
    ['to the first row', ['G', 'g'], 'q00'],
    ['home', ['G', 'home'], 'q00'],
  ])('%s', (_name, keys, cursor) => expect(rowsOf(press(start(queues(60)), ...keys)).cursor).toBe(cursor));

  test('scrolls no more than it must', () => {
    const bottom = press(start(queues(60)), ...Array.from({ length: PAGE - 1 }, () => 'j'));
    expect(viewOf(bottom).top).toBe(0);
    expect(viewOf(press(bottom, 'j')).top).toBe(1);
    expect(viewOf(press(bottom, 'j', 'k')).top).toBe(1);
  });

  test('nothing to move in', () => {
    expect(rowsOf(press(start(snapshot()), 'j', 'G', 'page-down', 'k'))).toEqual({ rows: [], cursor: undefined });
  });
});

describe('the cursor is on a row, not on a line', () => {
  const second = press(start(queues(20)), 'j');

  test('it goes where its row goes', () => {
    const turned = refresh(
      second,
      queues(20, (index) => index),
    );
    expect(rowsOf(turned).cursor).toBe('q01');
    expect(rowsOf(turned).rows.indexOf('q01')).toBe(18);
    expect(listOf(turned).selected - viewOf(turned).top).toBeLessThan(PAGE);
  });

  test('it keeps its row when the order changes', () => expect(rowsOf(press(second, 'O')).cursor).toBe('q01'));

  test('when its row is gone, the one in its place has it', () => {
    const { queues: all, ...rest } = queues(20);
    expect(rowsOf(refresh(second, { ...rest, queues: all.filter(({ name }) => name !== 'q01') })).cursor).toBe('q02');
  });

  test('when the last rows are gone, the last one left has it', () => {
    expect(rowsOf(refresh(press(second, 'G'), queues(5))).cursor).toBe('q04');
  });

  test('it is still on its row after a list that was empty for a moment', () => {
    expect(rowsOf(refresh(refresh(second, snapshot()), queues(20))).cursor).toBe('q01');
  });

  test('each screen keeps its own', () => {
    expect(rowsOf(press(second, '4', 'j', '5', '1')).cursor).toBe('q01');
  });

  test('two queues may have jobs of one id', () => {
    const page = pageOf([job('1', { queue: 'a' }), job('1', { queue: 'b' })]);
    const state = go(start(), { screen: 'jobs', state: 'failed' }, page);
    expect(rowsOf(press(state, 'j'))).toEqual({ rows: ['a 1', 'b 1'], cursor: 'b 1' });
  });
});

describe('screens', () => {
  test.each<[string[], string]>([
    [['1'], 'queues'],
    [['2'], 'jobs'],
    [['3'], 'groups'],
    [['4'], 'workers'],
    [['5'], 'events'],
    [['tab'], 'jobs'],
    [['3', 'tab'], 'workers'],
    [['5', 'tab'], 'queues'],
    [['shift-tab'], 'events'],
  ])('%j', (keys, screen) => expect(press(start(), ...keys).place.screen).toBe(screen));
});

describe('the filter', () => {
  test.each<[string, string[], string[]]>([
    ['a part of the name, in any case', ['/', 'M', 'A', 'I'], ['email']],
    ['is live', ['/', 'b', 'i'], ['billing']],
    ['erased by a letter', ['/', 'b', 'i', 'x', 'backspace'], ['billing']],
    ['erased whole', ['/', 'x', 'x', 'ctrl-u'], ['email', 'reports', 'billing', 'thumbnails']],
    ['kept by Enter', ['/', 't', 'h', 'enter', 'j'], ['thumbnails']],
    ['cleared by Escape while typing', ['/', 't', 'h', 'escape'], ['email', 'reports', 'billing', 'thumbnails']],
    ['cleared by Escape later', ['/', 't', 'h', 'enter', 'escape'], ['email', 'reports', 'billing', 'thumbnails']],
    ['goes on where it was', ['/', 't', 'enter', '/', 'h'], ['thumbnails']],
  ])('%s', (_name, keys, rows) => expect(rowsOf(press(start(), ...keys)).rows).toEqual(rows));

  test('finds groups by fingerprint, type, queue and error', () => {
    const groups = pageOf([group('5c1f0a9be377'), group('aaaa', { type: 'resize', queues: ['thumbs'], error: '0x0' })]);
    const found = (text: string) => rowsOf(press(go(start(), { screen: 'groups' }, groups), '/', ...text)).rows;
    expect(found('5C1F')).toEqual(['5c1f0a9be377']);
    expect(found('RESIZE')).toEqual(['aaaa']);
    expect(found('thumb')).toEqual(['aaaa']);
    expect(found('no reply')).toEqual(['5c1f0a9be377']);
  });

  test('swallows the keys that do something elsewhere', () => {
    const typed = press(start(), '/', 'q', '?', '2', 'z');
    expect(viewOf(typed).filter).toBe('q?2z');
    expect(typed).toMatchObject({ place: { screen: 'queues' }, focus: 'filter', frozen: undefined });
  });

  test('is one of its screen', () => expect(rowsOf(press(start(), '/', 'x', 'enter', '4')).rows).toHaveLength(3));
});

describe('order', () => {
  test('the busiest queue first, workers by name', () => {
    expect(rowsOf(start()).rows).toEqual(['email', 'reports', 'billing', 'thumbnails']);
    expect(rowsOf(press(start(), '4')).rows).toEqual(['web-1/2210', 'web-2/3411', 'web-3/1102']);
  });

  test('the next column, and the other way round', () => {
    const byActive = press(start(), 'o');
    expect(viewOf(byActive).sort).toEqual({ column: 'ACT', descending: true });
    expect(rowsOf(byActive).rows[0]).toBe('email');
    expect(rowsOf(press(byActive, 'O')).rows.at(-1)).toBe('email');
  });

  test('goes through the columns on screen only, and round', () => {
    const passed = new Set<string>();
    let state = start(busySnapshot(), [60, 15]);
    for (let step = 0; step < 20; step++) {
      passed.add(viewOf(state).sort.column);
      state = press(state, 'o');
    }
    expect([...passed]).toEqual(['WAIT', 'ACT', 'DLQ', 'OK/s', 'ERR%', 'P95', 'OLD', 'QUEUE']);
  });

  test('equal rows keep one order', () => {
    const data = queues(9, () => 7);
    expect(rowsOf(start({ ...data, queues: data.queues.toReversed() })).rows).toEqual(rowsOf(start(data)).rows);
  });
});

describe('time stands still', () => {
  test('a frozen list shows what it showed, and goes on afterwards', () => {
    const frozen = refresh(press(start(queues(3)), 'z'), queues(5));
    expect(rowsOf(frozen).rows).toHaveLength(3);
    expect(rowsOf(press(frozen, 'z')).rows).toHaveLength(5);
  });

  test('+ and - change the interval in steps and ask at once', () => {
    expect(reduce(start(), { type: 'pace', by: 1 })).toMatchObject({
      state: { intervalMs: 2000 },
      effect: { type: 'refresh' },
    });
    expect(press(start(), '-').intervalMs).toBe(500);
    expect(press(start(), ...'+'.repeat(20)).intervalMs).toBe(PACES.at(-1));
    expect(reduce(press(start(), ...'-'.repeat(20)), { type: 'pace', by: -1 }).effect).toBeUndefined();
    expect(press({ ...start(), intervalMs: 1500 }, '+').intervalMs).toBe(2000);
  });
});

describe('Redis away', () => {
  const at = AT.getTime();
  const missed = { type: 'missed', reason: 'connect ECONNREFUSED', at: at + 1000, retryAt: at + 2000 } as const;
  const away = send(start(), missed, { ...missed, at: at + 2000, retryAt: at + 4000 });

  test('keeps the data and counts from the first miss', () => {
    expect(away.connection).toEqual({
      is: 'lost',
      since: at + 1000,
      reason: 'connect ECONNREFUSED',
      retries: 2,
      retryAt: at + 4000,
    });
    expect(rowsOf(away).rows).toHaveLength(4);
  });

  test('is over with the next answer', () =>
    expect(refresh(away, busySnapshot()).connection).toEqual({ is: 'live', everyMs: 1000 }));
});

test('whatever happens, the cursor is on a visible row and the picture fits the terminal', () => {
  const keys = BINDINGS.flatMap((binding) => binding.keys).concat('x', 'Ω');
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...keys).map((key) => ({ key })) },
    fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) }),
    fc.nat({ max: 80 }).map((amount) => ({ amount })),
    fc.constantFrom(...PLACES).map(([, place, page]) => ({ place, page })),
    fc.string({ unit: 'binary', maxLength: 300 }).map((reason) => ({ reason })),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, ascii) => {
      let state = start(queues(40));
      for (const each of steps) {
        if ('key' in each) state = press(state, each.key);
        else if ('columns' in each) state = send(state, { type: 'resized', ...each });
        else if ('place' in each) state = go(state, each.place, each.page);
        else if ('amount' in each) state = refresh(state, queues(each.amount));
        else state = send(state, { type: 'missed', reason: each.reason, at: state.now, retryAt: state.now + 1000 });

        const { count } = listOf(state);
        const { top, index } = viewOf(state);
        const isVisible = index >= top && index < top + pageRows(state);
        expect(isVisible || count === 0 || isText(state.place)).toBe(true);
        const picture = render(state, { color: false, ascii });
        expect(picture).toHaveLength(state.size.rows);
        for (const line of picture) expect(columnsOf(line)).toBeLessThanOrEqual(state.size.columns);
      }
    }),
    { numRuns: 100 },
  );
});

test('t changes which times are shown and sorted by', () => {
  const data = snapshot({
    queues: [queue('fast', { p95Ms: 10, waitP95Ms: 9000 }), queue('slow', { p95Ms: 7000, waitP95Ms: 20 })],
  });
  const keys = Array.from({ length: 30 }, () => 'o');
  const sorted = keys.reduce(
    (state, key) => (viewOf(state).sort.column === 'P95' ? state : press(state, key)),
    start(data),
  );
  expect(rowsOf(sorted).rows).toEqual(['slow', 'fast']);
  const screen = () => render(press(sorted, 't'), { color: false, ascii: false }).join('\n');
  expect(rowsOf(press(sorted, 't')).rows).toEqual(['fast', 'slow']);
  expect(screen()).toMatch(/wP50 +wP95▼/);
  expect(screen()).toMatch(/fast .* 9\.0s/);
  expect(rowsOf(press(sorted, 't', 't')).rows).toEqual(['slow', 'fast']);
});

describe('what needs attention', () => {
  const flagged = ['billing', 'reports'];

  test('n goes to the next row with a mark, p to the one before, round at the ends', () => {
    const seen = (key: string): string[] => {
      const states = [press(start(busySnapshot()), key)];
      while (states.length < 4) states.push(press(states.at(-1)!, key));
      return states.map((state) => rowsOf(state).cursor!);
    };
    expect(seen('n').toSorted()).toEqual([...flagged, ...flagged].toSorted());
    expect(seen('p').toSorted()).toEqual([...flagged, ...flagged].toSorted());
    expect(seen('n')[0]).not.toBe(seen('p')[0]);
  });

  test('among the events it is the failures; where there is none, it says so and stays', () => {
    const names = ['active', 'failed', 'completed', 'stalled', 'added'];
    const rows = names.map((name, index) => event(name, { name, at: new Date(AT.getTime() + index) }));
    const events = go(start(), { screen: 'events' }, pageOf(rows));
    expect(rowsOf(press(events, 'n')).cursor).toBe('stalled');
    expect(rowsOf(press(events, 'n', 'n')).cursor).toBe('failed');
    expect(rowsOf(press(events, 'p')).cursor).toBe('failed');
    const calm = press(start(queues(3)), 'j', 'n');
    expect([rowsOf(calm).cursor, calm.flash]).toEqual(['q01', [{ text: 'No row here needs attention', tone: 'good' }]]);
    expect(press(start(snapshot()), 'n').flash).toHaveLength(1);
  });
});

describe('queues by state', () => {
  const found = (text: string): string[] => rowsOf(press(start(busySnapshot()), '/', ...text, 'enter')).rows.toSorted();

  test.each([
    ['is:paused', ['reports']],
    ['is:noworker', ['billing']],
    ['has:dead', ['email', 'thumbnails']],
    ['has:dead thumb', ['thumbnails']],
    ['mail has:active has:delayed', ['email']],
    ['has:', ['billing', 'email', 'reports', 'thumbnails']],
    ['dead', []],
    ['is:nothing', []],
  ])('%s', (text, names) => expect(found(text)).toEqual(names));
});

test('the last word of what was typed is erased by Ctrl-W', () => {
  const typed = press(start(), '/', ...'has:dead  mail ', 'ctrl-w');
  expect(viewOf(typed).filter).toBe('has:dead  ');
  expect(viewOf(press(typed, 'ctrl-w', 'ctrl-w')).filter).toBe('');
});

test('queues as bars keep the order and the cursor', () => {
  const state = press(start(busySnapshot()), 'j');
  const bars = press(state, 'b');
  expect(rowsOf(bars)).toEqual(rowsOf(state));
  expect(press(bars, 'b').bars).toBe(false);
});
