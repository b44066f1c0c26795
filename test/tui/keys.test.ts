import { isDeepStrictEqual } from 'node:util';
import type { Key } from 'ink';
import { describe, expect, test } from 'vitest';
import { columnsOf } from '../../src/lib/text.ts';
import { ACTION_IDS, actionOf } from '../../src/tui/actions/index.ts';
import { textOf } from '../../src/tui/cells.ts';
import { actionFor, boundIn, groupBindings, keyLabel } from '../../src/tui/bound-keys.ts';
import { BINDINGS, type Scope } from '../../src/tui/keys.ts';
import { paletteItems } from '../../src/tui/palette.ts';
import { keyOf } from '../../src/tui/places.ts';
import { reduce } from '../../src/tui/reduce.ts';
import { render } from '../../src/tui/render.ts';
import { hints } from '../../src/tui/render-foot.ts';
import { renderHelp } from '../../src/tui/render-help.ts';
import { splitKeys } from '../../src/tui/split-keys.ts';
import { type Focus, type State, viewOf } from '../../src/tui/state.ts';
import { PLACES } from './pages.ts';
import { busySnapshot } from './snapshots.ts';
import { at, press, send, start } from './states.ts';

const SCOPES = ['list', 'filter', 'palette', 'question', 'help', 'failures'] as const satisfies readonly Scope[];
const LOOK = { color: false, ascii: false };

/** A state in which the keys of a scope count, at each of the places. */
const states = (scope: Focus): [string, State][] =>
  PLACES.map(([name, place, page]) => [name, { ...at(start(), place, page), focus: scope }]);

describe('the registry', () => {
  test.each(SCOPES)('gives no key two meanings in %s', (scope) => {
    for (const [name, state] of states(scope)) {
      const keys = boundIn(state).flatMap((each) => each.keys);
      expect(keys, name).toEqual([...new Set(keys)]);
    }
  });

  test('only capital letters change anything, and nothing else is on them that does not', () => {
    const acting = BINDINGS.filter(({ action }) => action.type === 'act').flatMap(({ keys }) => keys);
    expect(acting).toEqual(ACTION_IDS.map((id) => actionOf(id).key));
    for (const key of acting) expect(key).toMatch(/^[A-Z]$/);
    const others = BINDINGS.filter(({ action }) => action.type !== 'act').flatMap(({ keys }) => keys);
    expect(others.filter((key) => /^[A-Z]$/.test(key)).toSorted()).toEqual(['G', 'O']);
  });

  test('every key does something somewhere', () => {
    const flashed = (state: State): State => ({ ...state, flash: ['before'] });
    for (const { scope, action, keys } of BINDINGS) {
      const focus = scope === 'everywhere' ? 'list' : scope;
      const ready = states(focus).flatMap(([, state]) => [true, false].map((all) => flashed(prepared(state, all))));
      const changes = ready.some((each) => {
        if (!boundIn(each).some((binding) => binding.action === action)) return false;
        expect(actionFor(each, keys[0]!)).toEqual(action);
        const { state, effect } = reduce(each, action);
        return effect !== undefined || !isDeepStrictEqual({ ...state, flash: [] }, { ...each, flash: [] });
      });
      expect(changes, `${scope} ${keys.join(' ')} ${action.type}`).toBe(true);
    }
  });

  test('every key that a hint names does what the hint says', () => {
    for (const scope of SCOPES) {
      for (const [, state] of states(scope)) {
        for (const text of hints(state, 500).map(textOf)) {
          const [keys, ...label] = text.split(' ');
          const hinted = boundIn(state).filter(
            (each) => each.hint && each.scope === scope && each.label === label.join(' '),
          );
          expect(hinted.map((each) => keyLabel(each.keys[0]!)).join('')).toBe(keys);
        }
      }
    }
  });

  test.each([20, 40, 58, 78, 158])('hints fit in %d columns and always show the way to help and out', (width) => {
    for (const [, state] of states('list')) {
      const line = hints(state, width).map(textOf);
      expect(line.slice(-2)).toEqual(['? help', 'q quit']);
      expect(line.join('  ').length).toBeLessThanOrEqual(width);
    }
  });

  test.each([
    [60, 15],
    [80, 24],
    [160, 45],
  ])('the help screen has every key that counts, at %dx%d, and can be scrolled to its end', (columns, rows) => {
    for (const [, state] of states('help')) {
      const sized = send(state, { type: 'resized', columns, rows });
      const room = rows - 6;
      const seen = new Set<string>();
      for (let scrolled = 0; scrolled < 90; scrolled++) {
        const lines = renderHelp({ ...sized, scrolled }, LOOK, room);
        expect(lines.length).toBeLessThanOrEqual(room);
        for (const line of lines) {
          expect(columnsOf(line)).toBeLessThanOrEqual(columns);
          seen.add(line.replaceAll(/ +/g, ' '));
        }
      }
      const text = [...seen].join(' ');
      for (const { bindings } of groupBindings(boundIn({ ...sized, focus: 'list' }))) {
        expect(text).toContain(` ${bindings.flatMap((binding) => binding.keys.map(keyLabel)).join(' ')} `);
      }
    }
  });

  test('the palette offers every command of the screen, and each does what its key does', () => {
    for (const [, state] of states('palette')) {
      const items = paletteItems(state);
      const commands = boundIn({ ...state, focus: 'list' }).filter(({ keys }) => !keys.includes(':'));
      expect(items.slice(0, commands.length).map(({ action }) => action)).toEqual(commands.map(({ action }) => action));
    }
  });

  test('who only looks has no key that changes anything: not to press, not in hints, help or palette', () => {
    for (const [name, place, page] of PLACES) {
      const state = at(start(busySnapshot(), [80, 24], true), place, page);
      for (const id of ACTION_IDS) expect(actionFor(state, actionOf(id).key), name).toBeUndefined();
      expect(actionFor(state, ' '), name).toBeUndefined();
      const shown = [
        ...hints(state, 500).map(textOf),
        ...renderHelp({ ...state, focus: 'help' }, LOOK, 100),
        ...paletteItems(state).map(({ label }) => label),
      ].join('\n');
      for (const id of ACTION_IDS) expect(shown).not.toMatch(new RegExp(`\\b${actionOf(id).verb}\\b`));
      expect(render(state, LOOK)[0]).toContain('read-only');
    }
  });

  test('text entry takes every printable key as text', () => {
    const filtering = { ...start(), focus: 'filter' as const };
    for (const key of ['q', 'r', '?', '1', ' ', 'é', '😀', 'R'])
      expect(actionFor(filtering, key)).toEqual({ type: 'typed', text: key });
    for (const key of ['up', 'tab', 'delete', 'ctrl-a']) expect(actionFor(filtering, key)).toBeUndefined();
    expect(actionFor(filtering, 'ctrl-c')).toEqual({ type: 'interrupt' });
  });
});

/** In the middle of a list that is filtered, marked and frozen, so that each key has something to change. */
function prepared(state: State, all: boolean): State {
  const view = viewOf(state);
  const question = press({ ...state, focus: 'list' }, 'D').question;
  return {
    ...state,
    trail: [{ screen: 'workers' }],
    palette: { text: 'o', index: 0 },
    scrolled: 3,
    question: question && { ...question, typed: '12' },
    views: {
      ...state.views,
      [keyOf(state.place)]: { ...view, filter: 'i', all, index: 1, top: 1 },
    },
  };
}

describe('keys out of a chunk', () => {
  const flags = (set: Partial<Key> = {}) => set as Key;

  test.each<[string, string, Partial<Key>, string[]]>([
    ['one letter', 'j', {}, ['j']],
    ['a capital', 'G', { shift: true }, ['G']],
    ['quick typing', 'jjj', {}, ['j', 'j', 'j']],
    ['a filter and Enter', '/foo\r', {}, ['/', 'f', 'o', 'o', 'enter']],
    ['letters of two code units', 'a😀', {}, ['a', '😀']],
    ['an arrow', '', { upArrow: true }, ['up']],
    ['Enter', '\r', { return: true }, ['enter']],
    ['a line feed', '\n', {}, ['enter']],
    ['Tab', '', { tab: true }, ['tab']],
    ['Shift-Tab', '', { tab: true, shift: true }, ['shift-tab']],
    ['Tab among letters', 'a\tb', {}, ['a', 'tab', 'b']],
    ['Escape', '', { escape: true, meta: true }, ['escape']],
    ['Escape and a letter at once', 'q', { meta: true }, ['escape', 'q']],
    ['Ctrl-C', 'c', { ctrl: true }, ['ctrl-c']],
    ['Ctrl-Z among letters', 'j\u001a', {}, ['j', 'ctrl-z']],
    ['a function key', '', {}, []],
  ])('%s', (_name, input, set, keys) => expect(splitKeys(input, flags(set))).toEqual(keys));
});
