import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, parseJson } from '../../src/lib/json.ts';

const DEEP = 100_000;

describe('parseJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJson(text)).toEqual({ value: JSON.parse(text) });
      }),
    );
  });

  it('keeps prototype keys as plain data', () => {
    const parsed = parseJson('{"__proto__": {"admin": true}, "constructor": 1}');
    expect(JSON.stringify(parsed)).toBe('{"value":{"__proto__":{"admin":true},"constructor":1}}');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it.each([
    ['', 1, 1, 'it is empty'],
    ['{', 1, 2, 'expected a closing brace'],
    ['[1, 2', 1, 6, 'expected a closing bracket'],
    ['{"to"', 1, 6, 'expected a colon'],
    ['{"to" 1}', 1, 7, 'expected a colon'],
    ['{"to":', 1, 7, 'expected a value'],
    ['{"to":1,}', 1, 9, 'expected a property name in double quotes'],
    ['{to: 1}', 1, 2, 'unexpected symbol'],
    ["{'to': 1}", 1, 2, 'unexpected symbol'],
    ['[1 2]', 1, 4, 'expected a comma'],
    ['[1,]', 1, 4, 'expected a value'],
    ['[,1]', 1, 2, 'expected a value'],
    [']', 1, 1, 'expected a value'],
    ['{"a":1}x', 1, 8, 'unexpected symbol'],
    ['1 2', 1, 3, 'expected the end of the text'],
    ['01', 1, 2, 'expected the end of the text'],
    ['1.', 1, 1, 'malformed number'],
    ['1e', 1, 1, 'malformed number'],
    ['+1', 1, 1, 'unexpected symbol'],
    ['NaN', 1, 1, 'unexpected symbol'],
    ['undefined', 1, 1, 'unexpected symbol'],
    ['["abc]', 1, 2, 'unterminated string'],
    ['["\\x"]', 1, 2, 'malformed escape'],
    ['["\\u12G4"]', 1, 2, 'malformed unicode escape'],
    ['["\t"]', 1, 2, 'control character in a string'],
    ['1 // one', 1, 3, 'comments are not JSON'],
    ['\uFEFF{}', 1, 1, 'unexpected symbol'],
    ['{\n  "to": "ada",\n  "copies": tru\n}', 3, 13, 'unexpected symbol'],
    ['[1,\r\n2,\r\n\tx]', 3, 2, 'unexpected symbol'],
  ])('says where %j breaks', (text, line, column, reason) =>
    expect(parseJson(text)).toEqual({ fault: { line, column, reason } }),
  );

  it('points into the text, whatever is broken in it', () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.string())
      .map(([text, at, junk]) => text.slice(0, at % (text.length + 1)) + junk + text.slice(at % (text.length + 1)));
    fc.assert(
      fc.property(broken, (text) => {
        const parsed = parseJson(text);
        if ('value' in parsed) return;
        const { line, column, reason } = parsed.fault;
        const lines = text.split('\n');
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
        expect(reason).not.toBe('');
      }),
    );
  });

  it('takes the deepest nesting for what it is, broken or not', () => {
    expect(parseJson('['.repeat(DEEP) + ']'.repeat(DEEP))).toHaveProperty('value');
    expect(parseJson('['.repeat(DEEP))).toMatchObject({ fault: { line: 1, reason: expect.stringContaining('deep') } });
  });
});

describe('canonicalJson', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([name, each]) => [name, shuffled(each)]),
    );
  };

  it('is the same for equal values, in whatever order their keys stand', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(canonicalJson(JSON.parse(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('keeps the order of lists, and a prototype key', () => {
    expect(canonicalJson(JSON.parse('{"b":[2,1],"__proto__":{"d":1,"c":2}}'))).toBe(
      '{"__proto__":{"c":2,"d":1},"b":[2,1]}',
    );
  });
});
