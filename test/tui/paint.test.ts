import { expect, test } from 'vitest';
import { render } from '../../src/tui/render.ts';
import { PLACES } from './pages.ts';
import { at, start } from './states.ts';

// Green, yellow and cyan, as SGR has them.
const PALE = /\u001b\[(32|33|36)m/;

test.each(PLACES)('%s: on a light background nothing is in a colour that is pale there', (_name, place, page) => {
  const state = at(start(undefined, [160, 45]), place, page);
  const look = { color: true, ascii: false };
  const dark = render(state, look).join('\n');
  const light = render(state, { ...look, light: true }).join('\n');
  expect(dark).toMatch(PALE);
  expect(light).not.toMatch(PALE);
  const bare = (text: string): string => text.replaceAll(/\u001b\[[\d;]*m/g, '');
  expect(bare(light)).toBe(bare(dark));
});
