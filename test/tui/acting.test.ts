import { describe, expect, test } from 'vitest';
import { MANY } from '../../src/tui/actions/index.ts';
import type { Order } from '../../src/tui/actions/order.ts';
import { textOf } from '../../src/tui/cells.ts';
import type { Effect } from '../../src/tui/events.ts';
import type { Place } from '../../src/tui/places.ts';
import { render } from '../../src/tui/render.ts';
import { type State, viewOf } from '../../src/tui/state.ts';
import { wantedPage } from '../../src/tui/wanted.ts';
import { detailOf, group, job, pageOf, PLACES } from './pages.ts';
import { AT, busySnapshot } from './snapshots.ts';
import { at, press, pressing, read, refresh, rowsOf, send, start } from './states.ts';

const DEAD: Place = { screen: 'jobs', state: 'failed' };
const letters = (amount: number) => pageOf(Array.from({ length: amount }, (_, index) => job(`j${index}`)));
const dead = (amount = 5): State => at(start(), DEAD, letters(amount));
const said = (state: State): string => state.flash.map(textOf).join(' ');
const orderOf = (effect: Effect | undefined): Order | undefined =>
  effect?.type === 'run' || effect?.type === 'count' ? effect.order : undefined;

describe('one', () => {
  test('is replayed at once', () => {
    const { state, effects } = pressing(dead(), 'j', 'R');
    expect(effects).toEqual([
      {
        type: 'run',
        order: {
          action: 'replay',
          to: { are: 'these', targets: [{ kind: 'job', queue: 'email', id: 'j1', state: 'failed' }] },
        },
      },
    ]);
    expect(state.focus).toBe('list');
  });

  test('is deleted after a yes, and Enter is no', () => {
    const asked = pressing(dead(), 'D');
    expect(asked.effects).toEqual([]);
    expect(asked.state.focus).toBe('question');
    expect(pressing(asked.state, 'enter')).toMatchObject({
      effects: [],
      state: { focus: 'list', question: undefined },
    });
    expect(pressing(asked.state, 'x', 'escape').effects).toEqual([]);
    expect(orderOf(pressing(asked.state, 'y').effects[0])?.action).toBe('remove');
  });

  test('its payload is edited without a question: whoever saves has answered it', () => {
    expect(pressing(dead(), 'E').effects).toEqual([
      { type: 'edit', action: 'edit', target: { kind: 'job', queue: 'email', id: 'j0', state: 'failed' } },
    ]);
  });

  test('is the job that is shown, in the queue where it was found', () => {
    const place: Place = { screen: 'job', queue: '', id: '88012', tab: 'overview' };
    const state = at(start(), place, { ...pageOf([]), job: detailOf({ queue: 'mail' }) });
    expect(orderOf(pressing(state, 'R').effects[0])?.to).toEqual({
      are: 'these',
      targets: [{ kind: 'job', queue: 'mail', id: '88012', state: 'failed' }],
    });
  });

  test('a queue is paused or resumed, whichever it needs', () => {
    const pause = orderOf(pressing(start(), 'P').effects[0]);
    expect(pause?.to).toMatchObject({ targets: [{ kind: 'queue', name: 'email', paused: false }] });
    const resume = orderOf(pressing(start(), 'j', 'P').effects[0]);
    expect(resume?.to).toMatchObject({ targets: [{ kind: 'queue', name: 'reports', paused: true }] });
  });

  test('another one like it is added, and one is written after it, also where there is none yet', () => {
    expect(pressing(dead(), 'B', 'y').effects).toMatchObject([{ order: { action: 'duplicate' }, total: 1 }]);
    const like = { type: 'edit', action: 'add', target: { kind: 'job', queue: 'email', id: 'j0', state: 'failed' } };
    expect(pressing(dead(), 'N').effects).toEqual([like]);
    const nothing = at(start(), { screen: 'jobs', queue: 'reports', state: 'delayed' }, pageOf([]));
    expect(pressing(nothing, 'N').effects).toMatchObject([
      { action: 'add', target: { kind: 'queue', name: 'reports' } },
    ]);
  });

  test('the time of what waits is typed, and nothing else is taken for one', () => {
    const waiting = at(start(), { screen: 'jobs', state: 'delayed' }, pageOf([job('a', { state: 'delayed' })]));
    const asked = press(waiting, 'T', ...'soon', 'enter');
    expect(asked.question).toMatchObject({ typed: 'soon', isWrong: true });
    expect(render(asked, { color: false, ascii: false }).join('\n')).toMatch(
      /Reschedule job a\?.*In how long.*> soon_/s,
    );
    const { state, effects } = pressing(asked, 'ctrl-u', ...'10m priority 3', 'enter');
    expect(effects).toMatchObject([{ type: 'run', order: { action: 'reschedule', typed: '10m priority 3' } }]);
    expect(state.focus).toBe('list');
    expect(pressing(waiting, 'T', 'enter')).toMatchObject({ effects: [], state: { focus: 'list' } });
  });

  test.each([
    ['replay', 'R', { screen: 'jobs', state: 'waiting' }, job('a', { state: 'waiting' })],
    ['promote', 'M', DEAD, job('a')],
    ['cancel', 'C', DEAD, job('a')],
    ['delete', 'D', { screen: 'jobs', state: 'active' }, job('a', { state: 'active' })],
    ['edit', 'E', { screen: 'jobs', state: 'active' }, job('a', { state: 'active' })],
  ] as const)('to %s makes no sense everywhere', (verb, key, place, row) => {
    const { state, effects } = pressing(at(start(), place, pageOf([row])), key);
    expect(effects).toEqual([]);
    expect(said(state)).toBe(`There is nothing here to ${verb}`);
  });
});

describe('jobs of all states in one list', () => {
  const rows = [job('d', { state: 'failed' }), job('w', { state: 'waiting' }), job('r', { state: 'active' })];
  const all = (place: Place = { screen: 'jobs', state: 'all' }) => at(start(), place, pageOf(rows));
  const to = (id: string): State => {
    let state = all();
    while (viewOf(state).cursor !== `email ${id}`) state = press(state, 'j');
    return state;
  };

  test('one is done what fits its own state, and what does not is refused', () => {
    expect(orderOf(pressing(to('d'), 'R').effects[0])).toMatchObject({ action: 'replay' });
    expect(said(press(to('w'), 'R'))).toBe('There is nothing here to replay');
    expect(said(press(to('r'), 'D'))).toBe('There is nothing here to delete');
  });

  test('of the marked ones those are meant that fit, and how many do not is said before', () => {
    const asked = press(all(), 'g', ' ', ' ', ' ', 'R');
    expect(asked.question?.order.to).toMatchObject({ are: 'these', targets: [{ id: 'd' }], others: 2 });
    expect(render(asked, { color: false, ascii: false }).join('\n')).toMatch(/Replay job d\?.*not +2 marked/s);
    expect(pressing(asked, 'y').effects).toMatchObject([{ type: 'run', total: 1 }]);
  });

  test.each(['R', 'M', 'C', 'D'])('%s of all that fits is left to the server, which knows whose state fits', (key) => {
    const { effects } = pressing(
      all({ screen: 'jobs', queue: 'mail', state: 'all' }),
      '/',
      ...'age>1h',
      'enter',
      'a',
      key,
    );
    expect(effects).toMatchObject([{ type: 'count', order: { to: { are: 'matching', filter: 'queue:mail age>1h' } } }]);
  });

  test('what has to be typed or written for each is done to no more than is marked', () => {
    expect(said(press(all(), 'a', 'T'))).toBe('Only rows that are marked one by one can be rescheduled');
    expect(said(press(all(), 'a', 'E'))).toBe('Only one at a time can be changed: u takes the marks away');
  });
});

describe('a schedule', () => {
  const [, place, page] = PLACES.find(([name]) => name === 'schedules')!;
  const schedules = (readOnly = false) => at(start(undefined, undefined, readOnly), place, page);

  test('one is run now at once; to delete it is asked about, with its queue', () => {
    const target = { kind: 'schedule', queue: 'email' };
    expect(pressing(schedules(), 'R').effects).toMatchObject([
      { type: 'run', order: { action: 'run', to: { targets: [target] } } },
    ]);
    const asked = press(schedules(), 'D');
    expect(render(asked, { color: false, ascii: false }).join('\n')).toMatch(/Delete schedule \S+\?.*from +email/s);
    expect(pressing(asked, 'enter').effects).toEqual([]);
    expect(pressing(asked, 'y').effects).toMatchObject([{ type: 'run', order: { action: 'remove' } }]);
  });

  test('several are asked about', () => {
    const asked = press(schedules(), 'a', 'R');
    expect(asked.question?.counted?.total).toBe(2);
    expect(render(asked, { color: false, ascii: false }).join('\n')).toContain('Run now 2 schedules?');
  });

  test('nothing of it is offered to who only looks', () => {
    expect(pressing(schedules(true), 'R', 'D', ' ')).toMatchObject({ effects: [], state: { question: undefined } });
    expect(viewOf(press(schedules(true), ' ')).marks.size).toBe(0);
  });
});

test('what a page says is copied as it stands, secrets as they are shown', () => {
  const job = detailOf({ payload: { to: 'a'.repeat(300), token: 'hunter2' } });
  const payload: Place = { screen: 'job', queue: 'email', id: '88012', tab: 'payload' };
  const state = at(start(), payload, { ...pageOf([]), job });
  const copied = (...keys: string[]) => pressing(state, ...keys).effects.at(-1) as { type: 'clip'; text: string };
  expect(JSON.parse(copied('c').text)).toEqual({ to: 'a'.repeat(300), token: '****' });
  expect(JSON.parse(copied('m', 'c').text)).toEqual({ to: 'a'.repeat(300), token: 'hunter2' });
});

describe('a queue', () => {
  test.each([
    ['M', { are: 'matching', filter: 'queue:email' }],
    ['C', { are: 'matching', filter: 'queue:email' }],
    ['D', { are: 'matching', filter: 'queue:email state:waiting,prioritized' }],
    ['R', { are: 'letters', filters: [{ queue: 'email' }] }],
  ])('%s is done to its jobs, after they were counted', (key, to) => {
    const { state, effects } = pressing(start(), key);
    expect(effects).toMatchObject([{ type: 'count', order: { to } }]);
    expect(state.focus).toBe('question');
  });

  test('of several, all are paused, or when all are, resumed', () => {
    const all = press(start(), 'a');
    const pausing = pressing(all, 'P', 'y');
    const { to } = orderOf(pausing.effects[0])!;
    expect(
      to.are === 'these' && to.targets.map((target) => target.kind === 'queue' && [target.name, target.paused]),
    ).toEqual([
      ['email', false],
      ['billing', false],
      ['thumbnails', false],
    ]);
    const data = busySnapshot();
    const paused = { ...data, queues: data.queues.map((queue) => ({ ...queue, paused: true })) };
    const asked = press(start(paused), 'a', 'P');
    expect(render(asked, { color: false, ascii: false }).join('\n')).toMatch(/Resume 4 queues\?.*Resume\? y\/N/s);
  });

  test('several are one question', () => {
    const { effects } = pressing(start(), ' ', ' ', 'D');
    expect(orderOf(effects[0])?.to).toMatchObject({ filter: expect.stringMatching(/^queue:\w+,\w+ state:/) as string });
  });

  test('its limits are typed, beside those that it has', () => {
    const asked = press(start(), 'L');
    expect(render(asked, { color: false, ascii: false }).join('\n')).toMatch(/Limit queue email\?.*now {4}no limits/s);
    expect(pressing(asked, ...'3 100/s', 'enter').effects).toMatchObject([
      { type: 'run', order: { action: 'limit', typed: '3 100/s', to: { targets: [{ name: 'email' }] } } },
    ]);
    expect(press(asked, ...'3 4', 'enter').question).toMatchObject({ isWrong: true });
  });

  test('it is removed only by its name', () => {
    const asked = press(start(), 'X');
    expect(render(asked, { color: false, ascii: false }).join('\n')).toMatch(
      /Remove queue email\?.*has {4}1,021 waiting/s,
    );
    expect(pressing(asked, 'y', 'enter').effects).toEqual([]);
    expect(pressing(asked, ...'emai', 'enter').effects).toEqual([]);
    expect(pressing(asked, ...'email', 'enter').effects).toMatchObject([{ order: { action: 'drop' } }]);
    expect(said(press(start(), ' ', ' ', 'X'))).toBe('Only one at a time can be removed: u takes the marks away');
  });
});

describe('many', () => {
  test('marked ones, asked about once, by their ids', () => {
    const marked = press(dead(), ' ', ' ', 'j', ' ');
    expect([...viewOf(marked).marks.keys()]).toEqual(['email j0', 'email j1', 'email j3']);
    const { state, effects } = pressing(marked, 'R', 'Y');
    expect(orderOf(effects[0])?.to).toMatchObject({ targets: [{ id: 'j0' }, { id: 'j1' }, { id: 'j3' }] });
    expect(viewOf(state).marks.size).toBe(0);
  });

  test(`from ${MANY + 1} on, only their number is a yes`, () => {
    const marked = press(dead(MANY + 1), ...Array.from({ length: MANY + 1 }, () => ' '), 'D');
    expect(pressing(marked, 'y', 'enter').effects).toEqual([]);
    expect(pressing(marked, '1', '0', 'enter')).toMatchObject({ effects: [], state: { question: { typed: '' } } });
    expect(pressing(marked, '1', '0', '2', 'backspace', '1', 'enter').effects).toMatchObject([
      { type: 'run', total: 101 },
    ]);
    expect(press(dead(MANY), ...Array.from({ length: MANY }, () => ' '), 'D', 'y').question).toBeUndefined();
  });

  test('everything that a filter fits is what the server finds, counted before anything is asked', () => {
    const filtered = press(dead(), '/', ...'type:send-*', 'enter');
    const asked = pressing(press(filtered, 'a'), 'R');
    const order = orderOf(asked.effects[0])!;
    expect(asked.effects[0]!.type).toBe('count');
    expect(order.to).toEqual({ are: 'matching', filter: 'state:failed type:send-*' });
    expect(pressing(asked.state, 'y', 'enter').effects).toEqual([]);

    const fixed: Order = { action: 'replay', to: { are: 'matching', filter: 'state:failed type:send-* until:2026' } };
    const counted = { total: 1021, byQueue: { email: 1021 }, samples: ['88012  send-email'] };
    const known = send(asked.state, { type: 'counted', order, fixed, counted });
    expect(render(known, { color: false, ascii: false }).join('\n')).toMatch(/Replay 1,021 jobs\?.*Type the number/s);
    expect(pressing(known, '1', '0', '2', '1', 'enter').effects).toEqual([{ type: 'run', order: fixed, total: 1021 }]);
  });

  test.each([
    [60, 15],
    [80, 24],
  ])('what has to be typed is seen at %dx%d', (columns, rows) => {
    const small = send(dead(MANY + 1), { type: 'resized', columns, rows });
    const marked = press(small, ...Array.from({ length: MANY + 1 }, () => ' '), 'D', '1', '0');
    expect(render(marked, { color: false, ascii: false }).join('\n')).toContain('Type the number to confirm: 10_');
    const waiting = at(
      small,
      { screen: 'jobs', state: 'delayed' },
      pageOf(['a', 'b', 'c'].map((id) => job(id, { state: 'delayed' }))),
    );
    const asked = press(waiting, ' ', ' ', ' ', 'T', ...'5m');
    expect(render(asked, { color: false, ascii: false }).join('\n')).toMatch(/In how long[^>]*priority 0[^>]*> 5m_/);
  });

  test('a count that comes after the answer is dropped', () => {
    const asked = pressing(press(dead(), 'a'), 'R');
    const order = orderOf(asked.effects[0])!;
    const late = send(press(asked.state, 'escape'), {
      type: 'counted',
      order,
      fixed: order,
      counted: { total: 5, byQueue: {}, samples: [] },
    });
    expect(late).toMatchObject({ focus: 'list', question: undefined });
  });

  test('nothing to do it to', () => {
    const asked = pressing(press(dead(), 'a'), 'R');
    const order = orderOf(asked.effects[0])!;
    const counted = { total: 0, byQueue: {}, samples: [] };
    const state = send(asked.state, { type: 'counted', order, fixed: order, counted });
    expect(state.focus).toBe('list');
    expect(said(state)).toBe('Nothing fits: there is nothing to replay');
  });

  test('a filter that is no longer the one that was marked by is not meant', () => {
    expect(viewOf(press(dead(), 'a', '/', 'x')).all).toBe(false);
  });

  test('what cannot be done on the server is said', () => {
    const waiting = at(start(), { screen: 'jobs', state: 'waiting' }, pageOf([job('a', { state: 'waiting' })]));
    expect(said(press(waiting, 'a', 'E'))).toBe('Only one at a time can be changed: u takes the marks away');
    expect(said(press(waiting, 'a', 'R'))).toBe('There is nothing here to replay');
  });

  test('a group is all its letters, also those that were not looked at', () => {
    const state = at(start(), { screen: 'groups' }, pageOf([group('5c1f'), group('aaaa', { type: 'resize' })]));
    expect(orderOf(pressing(state, 'D').effects[0])?.to).toEqual({
      are: 'letters',
      filters: [{ group: '5c1f', type: 'send-email' }],
    });
    expect(orderOf(pressing(press(state, 'a'), 'R').effects[0])?.to).toMatchObject({
      filters: [{ group: '5c1f' }, { group: 'aaaa' }],
    });
  });

  test('letters of a group, narrowed by text', () => {
    const place: Place = { screen: 'letters', queue: 'email', group: '5c1f', type: 'send-email', error: 'no reply' };
    const state = press(at(start(), place, letters(3)), '/', ...'smtp.acme', 'enter', 'a');
    expect(orderOf(pressing(state, 'R').effects[0])?.to).toEqual({
      are: 'letters',
      filters: [{ group: '5c1f', queue: 'email', error: 'smtp.acme' }],
    });
  });
});

describe('while a question is asked', () => {
  const asked = press(dead(), 'j', 'D');

  test('the list behind it stands still, and goes on afterwards', () => {
    expect(wantedPage(asked)).toBeUndefined();
    const request = wantedPage(dead())!;
    const later = send(asked, { type: 'paged', request, page: pageOf([job('new')]) });
    expect(rowsOf(refresh(later, busySnapshot())).rows).toEqual(rowsOf(asked).rows);
    const over = press(later, 'n');
    expect(over.frozen).toBeUndefined();
    expect(rowsOf(read(over, pageOf([job('new')]))).rows).toEqual(['email new']);
  });

  test('a list that stood still before stands still afterwards', () => {
    expect(press(dead(), 'z', 'D', 'n').frozen).toBeDefined();
  });

  test('and Redis goes away, nothing is done', () => {
    const missed = { type: 'missed', reason: 'gone', at: AT.getTime(), retryAt: AT.getTime() + 1000 } as const;
    const { state, effects } = pressing(send(asked, missed), 'y');
    expect(effects).toEqual([]);
    expect(said(state)).toBe('Redis is away: nothing was done');
    expect(said(press(send(dead(), missed), 'R'))).toContain('Redis is away');
  });
});

describe('what runs in the background', () => {
  const order: Order = { action: 'replay', to: { are: 'matching', filter: 'state:failed' } };
  const begun = send(dead(), { type: 'began', id: 1, order, total: 1021, at: AT.getTime() });
  const foot = (state: State): string => render(state, { color: false, ascii: false }).slice(-3).join('\n');

  test('shows how far it is, how fast, and how it is stopped', () => {
    const on = send(begun, { type: 'progressed', id: 1, done: 430 }, { type: 'ticked', at: AT.getTime() + 10_000 });
    expect(foot(on)).toContain('replayed 430/1,021   43/s   x stops');
    expect(pressing(on, 'x').effects).toEqual([{ type: 'stop' }]);
  });

  test('goes on while people look elsewhere', () => {
    expect(foot(press(begun, '4', 'j'))).toContain('replayed 0/1,021');
  });

  test.each([
    [{ done: 1021, failures: [], stopped: false, hint: 'undo: x' }, 'replayed 1,021 undo: x'],
    [{ done: 430, failures: [], stopped: true }, 'replayed 430 of 1,021 stopped: the same again goes on'],
    [{ done: 1000, failures: [], stopped: false }, 'replayed 1,000 of 1,021 the others have moved on meanwhile'],
    [
      {
        done: 1019,
        failures: [
          { name: 'a', reason: 'runs' },
          { name: 'b', reason: 'gone' },
        ],
        stopped: false,
      },
      'replayed 1,019 of 1,021 2 failed, ! says why',
    ],
    [{ done: 0, failures: [{ name: 'a', reason: 'Job a is running' }], stopped: false }, 'Job a is running'],
  ])('says how it ended: %j', (outcome, text) => {
    expect(said(send(begun, { type: 'ended', id: 1, outcome }))).toBe(text);
  });

  test('keeps the reasons', () => {
    const failures = Array.from({ length: 600 }, (_, index) => ({ name: `j${index}`, reason: 'is running' }));
    const ended = send(begun, { type: 'ended', id: 1, outcome: { done: 0, failures, stopped: false } });
    expect(ended.failures).toHaveLength(500);
    expect(render(press(ended, '!'), { color: false, ascii: false }).join('\n')).toContain('j0  is running');
  });
});

describe('a range is marked', () => {
  const marked = (state: State): string[] => [...viewOf(state).marks.keys()];

  test('from the last mark to the cursor, whichever is above', () => {
    const down = press(dead(), 'j', ' ', 'j', 'v');
    expect(marked(down)).toEqual(['email j1', 'email j2', 'email j3']);
    const up = press(dead(), 'G', ' ', 'g', 'j', 'v');
    expect(marked(up).toSorted()).toEqual(['email j1', 'email j2', 'email j3', 'email j4']);
  });

  test('of one row, where nothing was marked before', () =>
    expect(marked(press(dead(), 'j', 'v'))).toEqual(['email j1']));

  test('and not when the last mark is on rows that are not at hand', () => {
    const first = press(dead(), ' ');
    const rows = Array.from({ length: 5 }, (_, index) => job(`j${index + 200}`));
    const far = read(first, pageOf(rows, { start: 0, count: 500, total: 500, whole: false }));
    const state = press(press(far, 'g'), 'v');
    expect(marked(state)).toEqual(['email j0']);
    expect(said(state)).toContain('too far away');
  });
});
