import { expect, test } from 'vitest';
import { isLight } from '../../commands/framework/terminal.ts';

test.each([
  [undefined, undefined, false],
  [undefined, '15;0', false],
  [undefined, '0;15', true],
  [undefined, '0;default;15', true],
  [undefined, '0;7', true],
  [undefined, '7;8', false],
  [undefined, 'nonsense', false],
  [undefined, '', false],
  ['light', '15;0', true],
  ['dark', '0;15', false],
  ['auto', '0;15', true],
])('theme %j on %j', (theme, COLORFGBG, light) => expect(isLight(theme, { COLORFGBG })).toBe(light));
