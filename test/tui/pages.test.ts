import { describe, expect, test } from 'vitest';
import type { Page } from '../../src/tui/data/page.ts';
import { pageRows } from '../../src/tui/layout.ts';
import type { Place } from '../../src/tui/places.ts';
import { render } from '../../src/tui/render.ts';
import { type State, viewOf } from '../../src/tui/state.ts';
import { textOfPlace } from '../../src/tui/text.ts';
import { textOf } from '../../src/tui/cells.ts';
import { wantedPage } from '../../src/tui/wanted.ts';
import { detailOf, event, job, pageOf, PLACES } from './pages.ts';
import { AT } from './snapshots.ts';
import { at, press, read, rowsOf, send, start } from './states.ts';

const DEAD: Place = { screen: 'jobs', queue: 'email', state: 'failed' };
const TOTAL = 100_000;

/** What Redis has in the window that is wanted. */
function window(state: State): Page {
  const { start: from, amount } = wantedPage(state)!;
  const first = Math.min(from, TOTAL - amount);
  const rows = Array.from({ length: amount }, (_, index) => job(`j${first + index}`));
  return pageOf(rows, { start: first, count: TOTAL, total: TOTAL, whole: false });
}
const look = (state: State): State => read(state, window(state));
const dead = (): State => look(at(start(), DEAD));
const lines = (state: State): string => textOfPlace(state).map(textOf).join('\n');

describe('a list of 100,000', () => {
  test('only what is near the screen is read of it, wherever the cursor goes', () => {
    let state = dead();
    for (const key of ['page-down', 'j', 'G', 'k', 'page-up', 'g', 'end']) {
      state = look(press(state, key));
      expect(wantedPage(state)!.amount).toBeLessThan(pageRows(state) * 4);
    }
    expect(viewOf(state).cursor).toBe(`email j${TOTAL - 1}`);
    expect(viewOf(look(press(state, 'g'))).cursor).toBe('email j0');
  });

  test('a step within what is at hand asks for nothing else', () => {
    const state = dead();
    expect(wantedPage(press(state, 'j', 'j', 'k'))).toEqual(wantedPage(state));
  });

  test('in an order that is not that of Redis, or filtered, it is asked for by that', () => {
    expect(wantedPage(press(dead(), 'o'))).toMatchObject({ start: 0, sort: { column: 'ERROR', descending: true } });
    expect(wantedPage(press(dead(), 'O'))).toMatchObject({ sort: { column: 'DIED', descending: true } });
    expect(wantedPage(press(dead(), '/', ...'error:x'))).toMatchObject({ filter: 'error:x', start: 0 });
    expect(wantedPage(press(dead(), 'w'))).toMatchObject({ wide: true });
  });

  test('the cursor keeps its job when others come before it', () => {
    const state = press(dead(), 'j', 'j');
    const rows = [job('new'), ...window(state).rows];
    const moved = read(state, pageOf(rows, { count: TOTAL + 1, total: TOTAL + 1, whole: false }));
    expect(viewOf(moved)).toMatchObject({ cursor: 'email j2', index: 3 });
  });
});

test('a queue whose rate is reached says for how long, and a job that runs by whom', () => {
  const running = { ...job('a', { state: 'active' }), heldMs: 9000, starts: 2, stalls: 1, worker: 'theirs' };
  const place: Place = { screen: 'jobs', queue: 'email', state: 'active' };
  const state = at(start(undefined, [160, 30]), place, pageOf([running], { limitedMs: 4000 }));
  const picture = render(state, { color: false, ascii: false }).join('\n');
  expect(picture).toMatch(/email .*rate reached, goes on in 4/);
  expect(picture).toMatch(/STARTS +STALLS[^]* 2 +1 /);
  expect(picture).toContain('by theirs');
});

test('of all states in one list the latest are read as they are looked at; what is oldest of them is not known beyond those', () => {
  const all = at(start(), { screen: 'jobs', state: 'all' }, pageOf([job('a')], { whole: false }));
  expect(wantedPage(all)).toMatchObject({ sort: { column: 'LAST', descending: false }, start: 0 });
  expect(wantedPage(all)!.amount).toBeGreaterThan(0);
  expect(wantedPage(press(all, 'O'))).toMatchObject({ sort: { column: 'LAST', descending: true }, amount: 0 });
});

test('an answer for a place that was left is kept for it and disturbs nothing', () => {
  const state = dead();
  const request = wantedPage(state)!;
  const away = press(state, '4');
  const back = send(away, { type: 'paged', request, page: pageOf([job('x')]) });
  expect(rowsOf(back)).toEqual(rowsOf(away));
});

test('nothing is read for what the snapshot has, while connecting, or for a screen that is too small', () => {
  expect(wantedPage(start())).toBeUndefined();
  expect(wantedPage({ ...dead(), connection: { is: 'connecting' } })).toBeUndefined();
  expect(wantedPage(send(dead(), { type: 'resized', columns: 40, rows: 10 }))).toBeUndefined();
});

describe('going in and out', () => {
  test('Enter opens, Escape leads back to the same row', () => {
    const state = press(dead(), 'j', 'enter');
    expect(state.place).toEqual({ screen: 'job', queue: 'email', id: 'j1', tab: 'overview' });
    expect(press(state, 'escape')).toMatchObject({ place: DEAD });
    expect(viewOf(press(state, 'escape')).cursor).toBe('email j1');
  });

  test('Escape first clears the filter, then the marks', () => {
    const state = press(at(start(), DEAD, pageOf([job('a'), job('b')])), ' ', '/', 'x', 'enter');
    expect(viewOf(press(state, 'escape'))).toMatchObject({ filter: '' });
    expect(viewOf(press(state, 'escape')).marks.size).toBe(1);
    expect(viewOf(press(state, 'escape', 'escape')).marks.size).toBe(0);
    expect(press(state, 'escape', 'escape', 'escape').place).toEqual({ screen: 'queues' });
  });

  test('Tab goes through the states of jobs and round', () => {
    const seen = [];
    let state = dead();
    for (let step = 0; step < 6; step++) {
      state = press(state, 'tab');
      seen.push(state.place);
    }
    expect(seen.map((place) => 'state' in place && place.state)).toEqual([
      'all',
      'waiting',
      'active',
      'delayed',
      'completed',
      'failed',
    ]);
  });

  test('the palette goes to queues and jobs by name', () => {
    expect(press(start(), ':', ...'billing', 'enter').place).toMatchObject({ screen: 'jobs', queue: 'billing' });
    expect(press(start(), ':', ...'job 88012', 'enter').place).toMatchObject({ screen: 'job', id: '88012' });
    expect(press(start(), ':', ...'help', 'enter').focus).toBe('help');
    expect(press(start(), ':', 'escape').focus).toBe('list');
  });
});

describe('events', () => {
  const events = (amount: number) =>
    pageOf(Array.from({ length: amount }, (_, index) => event(`e${index}`, { at: new Date(AT.getTime() + index) })));

  test('whoever is at the first one sees each new one; whoever looks at another keeps it', () => {
    const state = at(start(), { screen: 'events' }, events(5));
    expect(viewOf(read(state, events(9)))).toMatchObject({ cursor: 'e8', index: 0 });
    expect(viewOf(read(press(state, 'j'), events(9)))).toMatchObject({ cursor: 'e3', index: 5 });
  });
});

describe('one job', () => {
  const [, place] = PLACES.at(-1)!;
  const shown = (changes = {}): State => at(start(), place, { ...pageOf([]), job: detailOf(changes) });

  test('its timeline, error with the frames that matter, and payload without secrets', () => {
    const text = lines(shown());
    expect(text).toMatch(/added {7}by api-1\n.*attempt 5 {3}web-3\/1102 .*\n.*\n.*dead {8}attempts used up/);
    expect(text).toContain('at Mailer.send (src/jobs/send-email.ts:41:11)\n  … 2 frames of packages');
    expect(text).toContain('"token": "****"');
    expect(text).not.toMatch(/hunter/);
  });

  test('secrets are shown on request, of this job only', () => {
    const unmasked = press(shown(), 'm');
    expect(lines(unmasked)).toMatch(/hunter2(.|\n)*hunter3/);
    expect(press(unmasked, 'tab').unmasked).toBe(true);
    expect(press(unmasked, 'escape').unmasked).toBe(false);
  });

  test('frames are unfolded on request', () => expect(lines(press(shown(), 'f'))).toContain('smtp.js:99:3'));

  test('its log is followed until somebody looks at what was before', () => {
    const logs = (amount: number) => ({ logs: Array.from({ length: amount }, (_, index) => `line ${index}`) });
    const tab: Place = { screen: 'job', queue: 'email', id: '88012', tab: 'logs' };
    const pageWith = (amount: number) => ({ ...pageOf([]), job: detailOf(logs(amount)) });
    const top = (state: State): number => viewOf(state).top;
    const state = at(start(), tab, pageWith(100));
    expect(top(state)).toBe(Infinity);
    const up = press(state, 'k');
    expect(top(up)).toBe(100 - pageRows(state) - 2);
    expect(top(read(up, pageWith(200)))).toBe(top(up));
    expect(top(press(up, 'G'))).toBe(Infinity);
  });

  test('one that was removed can still be read', () => {
    const problem = 'There is no job "88012"';
    const gone = read(shown(), { ...pageOf([]), problem });
    expect(lines(gone)).toContain('Timeline');
  });

  test('a payload of any depth and size takes a bounded number of lines', () => {
    let payload: never[] = [];
    for (let depth = 0; depth < 1000; depth++) payload = [payload] as never;
    expect(lines(shown({ payload }))).toContain('****');
    const wide = shown({ payload: Array.from({ length: 50_000 }, (_, index) => index) });
    expect(textOfPlace(wide).length).toBeLessThanOrEqual(5001);
  });
});
