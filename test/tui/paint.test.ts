import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { columnsOf } from '../../src/lib/text.ts';
import { render } from '../../src/tui/render.ts';
import { PLACES } from './pages.ts';
import { at, start } from './states.ts';

// Green, yellow and cyan, as escape sequences have them.
const PALE = ['[32m', '[33m', '[36m'];
const paleOf = (text: string): string[] => PALE.filter((sequence) => text.includes(sequence));

const EVERYWHERE = PLACES.map(([name, place, page]) => ({ name, place, page }));

test.each(EVERYWHERE)('$name: on a light background nothing is in a colour that is pale there', ({ place, page }) => {
  const state = at(start(undefined, [160, 45]), place, page);
  const look = { color: true, ascii: false };
  const dark = render(state, look).join('\n');
  const light = render(state, { ...look, light: true }).join('\n');
  expect(paleOf(dark)).not.toEqual([]);
  expect(paleOf(light)).toEqual([]);
  expect(stripVTControlCharacters(light)).toBe(stripVTControlCharacters(dark));
});

test.each(EVERYWHERE)('$name: in ASCII every row is as wide as it is otherwise', ({ place, page }) => {
  const state = at(start(undefined, [80, 24]), place, page);
  const widths = (ascii: boolean) => render(state, { color: false, ascii }).map(columnsOf);
  expect(widths(true)).toEqual(widths(false));
});
