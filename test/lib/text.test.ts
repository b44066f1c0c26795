import fc from 'fast-check';
import measure from 'fast-string-truncated-width';
import { describe, expect, it } from 'vitest';
import { cleanLine, cleanText, columnsOf, count, grouped, pad, truncate } from '../../src/lib/text.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('a', '日', '👍', 'é', ' ', '\u001b', '\u202e', '\u200b', '\u009b', '\n') }),
);
const cleanedLine = anyText.map(cleanLine);

describe('cleanText', () => {
  it.each([
    ['colours', '\u001b[31mred\u001b[0m', '\\u{1b}[31mred\\u{1b}[0m'],
    ['the clipboard (OSC 52)', '\u001b]52;c;cm0gLXJm\u0007', '\\u{1b}]52;c;cm0gLXJm\\u{7}'],
    ['C1 control characters', '\u009b2J\u009d0;title\u009c', '\\u{9b}2J\\u{9d}0;title\\u{9c}'],
    ['reordering', 'user\u202etxt.exe\u2066\u2069', 'user\\u{202e}txt.exe\\u{2066}\\u{2069}'],
    ['zero width', 'pass\u200bword\u200d\ufeff\u00ad', 'pass\\u{200b}word\\u{200d}\\u{feff}\\u{ad}'],
    ['tags that nobody sees', 'a\u{e0041}', 'a\\u{e0041}'],
    ['line separators', 'a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
    ['going back to the start of the line', 'done\rfailed\b', 'done\\u{d}failed\\u{8}'],
    ['NUL and DEL', '\0\u007f', '\\u{0}\\u{7f}'],
  ])('shows %s instead of doing it', (_name, text, shown) => expect(cleanText(text)).toBe(shown));

  it('leaves text that is only text', () => {
    const text = 'Zoë wrote: “日本語” 👍\n\tsecond line';
    expect(cleanText(text)).toBe(text);
    expect(cleanText('one\r\ntwo')).toBe('one\ntwo');
  });

  it('never lets a character through that a terminal would obey', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(cleanText(text)).not.toMatch(/[^\P{Cc}\n\t]|\p{Cf}|\p{Zl}|\p{Zp}/u);
        expect(cleanLine(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

it('makes one line of several', () => {
  expect(cleanLine('  Error: no\n\n    at send \t(mail.ts:3)\r\n')).toBe('Error: no at send (mail.ts:3)');
});

describe('columnsOf', () => {
  it('is what the package says, also where it is not asked', () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom(...'az ~·–…─│▁█▟■🔥日\u0301\ufe0f'), fc.string({ maxLength: 1 })),
    });
    fc.assert(
      fc.property(text, (some) => {
        expect(columnsOf(some)).toBe(measure(some).width);
      }),
    );
  });
});

describe('truncate', () => {
  it.each([
    ['hello', 5, 'hello'],
    ['hello', 4, 'hel…'],
    ['hello', 1, '…'],
    ['hello', 0, ''],
    ['hello', -3, ''],
    ['', 3, ''],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['e\u0301e\u0301e\u0301', 3, 'e\u0301e\u0301e\u0301'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
    ['привет world', 8, 'привет …'],
    ['“quoted” text', 6, '“quot…'],
    ['👍👍 good', 4, '👍…'],
  ])('cuts %j to %d columns: %j', (text, width, cut) => expect(truncate(text, width)).toBe(cut));

  it('never takes more columns than allowed, and cuts nothing that fits', () => {
    fc.assert(
      fc.property(cleanedLine, fc.nat(12), (text, width) => {
        const cut = truncate(text, width);
        expect(columnsOf(cut)).toBeLessThanOrEqual(width);
        const isBeginning = cut === '' ? width === 0 : cut.endsWith('…') && text.startsWith(cut.slice(0, -1));
        expect(columnsOf(text) <= width ? cut === text : isBeginning).toBe(true);
      }),
    );
  });
});

describe('pad', () => {
  it.each([
    ['ab', 4, 'left', 'ab  '],
    ['ab', 4, 'right', '  ab'],
    ['日本', 5, 'left', '日本 '],
    ['日本', 5, 'right', ' 日本'],
    ['too long', 3, 'left', 'too long'],
  ] as const)('fills %j up to %d columns, %s', (text, width, align, filled) =>
    expect(pad(text, width, align)).toBe(filled),
  );

  it('makes every cell of a column equally wide', () => {
    fc.assert(
      fc.property(cleanedLine, fc.integer({ min: 1, max: 12 }), (text, width) => {
        expect(columnsOf(pad(truncate(text, width), width))).toBe(width);
      }),
    );
  });
});

it.each([
  [0, '0 jobs'],
  [1, '1 job'],
  [2, '2 jobs'],
  [1043, '1,043 jobs'],
])('counts %d as %s', (amount, text) => expect(count(amount, 'job')).toBe(text));

it('groups whole numbers by thousands', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.maxSafeInteger(),
        fc.integer({ min: -1e9, max: 1e9 }).map((each) => each / 8),
      ),
      (amount) => {
        expect(grouped(amount)).toBe(amount.toLocaleString('en-US'));
      },
    ),
  );
});

it('takes a plural of its own', () => {
  expect([count(1, 'retry', 'retries'), count(2, 'retry', 'retries')]).toEqual(['1 retry', '2 retries']);
});
