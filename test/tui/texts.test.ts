import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/lib/json.ts';
import { MASK, maskJson } from '../../src/lib/mask-secrets.ts';
import { columnsOf } from '../../src/lib/text.ts';
import { letterFilterOf } from '../../src/tui/data/letter-filter.ts';
import { filterOfJobs } from '../../src/tui/data/place-filter.ts';
import { wrap } from '../../src/tui/wrap.ts';

describe('wrapping', () => {
  test('no line is wider, and no letter but the spaces at breaks is lost', () => {
    const bare = (text: string): string => text.replaceAll(/\s/g, '');
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.integer({ min: 12, max: 100 }), (text, width) => {
        const lines = wrap(text, width);
        for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(width);
        expect(bare(lines.join(''))).toBe(bare(text));
      }),
    );
  });

  test.each([
    ['at words', 'one two three four', 10, ['one two', '  three', '  four']],
    ['a long word where it must', 'abcdefghijklmnop', 10, ['abcdefghij', '  klmnop']],
    ['further in than what it goes on', '    "a": "bcdefghijk"', 16, ['    "a":', '      "bcdefghij', '      k"']],
    ['wide letters', '数数数数数数', 8, ['数数数数', '  数数']],
  ])('%s', (_name, text, width, lines) => expect(wrap(text, width)).toEqual(lines));
});

describe('secrets', () => {
  test('in lists and objects at any depth, whatever they are', () => {
    const value: Json = { a: [{ password: { is: 'x' } }, { 'api-key': 7 }], token: null, tokens: 'shown' };
    expect(maskJson(value)).toEqual({ a: [{ password: MASK }, { 'api-key': MASK }], token: MASK, tokens: 'shown' });
  });

  test('deeper than anybody looks nothing is shown', () => {
    let value: Json = 'x';
    for (let depth = 0; depth < 5000; depth += 1) value = [value];
    expect(JSON.stringify(maskJson(value))).toContain(MASK);
  });
});

describe('filters', () => {
  test('of jobs are those of the place and what was typed', () => {
    expect(filterOfJobs({ screen: 'jobs', state: 'failed', queue: 'mail' }, 'type:send-* !error:"timed out"')).toBe(
      'state:failed queue:mail type:send-* !error:"timed out"',
    );
    expect(() => filterOfJobs({ screen: 'jobs', state: 'failed' }, 'tpye:x')).toThrow('expected one of the fields');
  });

  test('of the letters of a group are what dead letters are chosen by', () => {
    expect(letterFilterOf({ group: 'f', queue: 'mail' }, 'smtp since:2030-01-31')).toEqual({
      group: 'f',
      queue: 'mail',
      error: 'smtp',
      since: Date.UTC(2030, 0, 31),
    });
    for (const text of ['!smtp', 'payload.n:7', 'error:a,b']) {
      expect(() => letterFilterOf({ group: 'f' }, text)).toThrow('Within a group');
    }
  });
});
