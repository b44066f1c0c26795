import { isDeepStrictEqual } from 'node:util';
import type { Key } from 'ink';
import { describe, expect, test } from 'vitest';
import { actionFor, BINDINGS, groupBindings, keyLabel, type Scope } from '../../src/tui/keys.ts';
import { reduce } from '../../src/tui/reduce.ts';
import { hints } from '../../src/tui/render-foot.ts';
import { renderHelp } from '../../src/tui/render-help.ts';
import { splitKeys } from '../../src/tui/split-keys.ts';
import { textOf } from '../../src/tui/cells.ts';
import { press, start } from './states.ts';

const SCOPES = ['list', 'filter', 'help'] as const satisfies readonly Scope[];

describe('the registry', () => {
  test.each(SCOPES)('gives no key two meanings in %s', (scope) => {
    const keys = BINDINGS.filter((each) => each.scope === scope || each.scope === 'everywhere').flatMap(
      (each) => each.keys,
    );
    expect(keys).toEqual([...new Set(keys)]);
  });

  // In the middle of a filtered list, and on another screen: each key has something to change in one of them.
  const filtered = press(start(), '/', 'i', 'enter', 'j');
  const ready = [filtered, press(filtered, '3')];

  test.each(BINDINGS.map((binding) => [binding.scope, binding.keys.join(' '), binding] as const))(
    'every key does something: %s %s',
    (scope, _keys, { keys, action }) => {
      const focus = scope === 'everywhere' ? 'list' : scope;
      for (const key of keys) expect(actionFor(focus, key)).toEqual(action);
      const changes = ready.some((each) => {
        const before = { ...each, focus };
        const { state, effect } = reduce(before, action);
        return effect !== undefined || !isDeepStrictEqual(state, before);
      });
      expect(changes).toBe(true);
    },
  );

  test('every key that a hint names does what the hint says', () => {
    for (const scope of SCOPES) {
      for (const text of hints(scope, 500).map(textOf)) {
        const [keys, ...label] = text.split(' ');
        const hinted = BINDINGS.filter((each) => each.scope === scope && each.hint && each.label === label.join(' '));
        expect(hinted.map((each) => keyLabel(each.keys[0]!)).join('')).toBe(keys);
      }
    }
  });

  test.each([20, 40, 58, 78, 158])('hints fit in %d columns and always show the way to help and out', (width) => {
    const line = hints('list', width).map(textOf);
    expect(line.slice(-2)).toEqual(['? help', 'q quit']);
    expect(line.join('  ').length).toBeLessThanOrEqual(width);
  });

  test('the help screen has every key of the lists, at the smallest size too', () => {
    const help = renderHelp({ color: false, ascii: false }, 60, 9);
    expect(help.length).toBeLessThanOrEqual(9);
    for (const { label, bindings } of groupBindings(({ scope }) => scope === 'list' || scope === 'everywhere')) {
      const keys = bindings.flatMap((binding) => binding.keys.map(keyLabel)).join(' ');
      expect(help.join(' ').replaceAll(/ +/g, ' ')).toContain(` ${keys} ${label} `);
    }
  });

  test('text entry takes every printable key as text', () => {
    for (const key of ['q', 'r', '?', '1', ' ', 'é', '😀'])
      expect(actionFor('filter', key)).toEqual({ type: 'typed', text: key });
    for (const key of ['up', 'tab', 'delete', 'ctrl-a']) expect(actionFor('filter', key)).toBeUndefined();
    expect(actionFor('filter', 'ctrl-c')).toEqual({ type: 'interrupt' });
  });
});

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
