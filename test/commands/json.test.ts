import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText } from '../../commands/framework/json-text.ts';
import { readJson, renderSpot } from '../../commands/framework/read-json.ts';
import { JobQueueError } from '../../src/errors.ts';
import { cleanText } from '../../src/lib/text.ts';

describe('jsonText', () => {
  it('escapes what a terminal would obey, and nothing else', () => {
    expect(jsonText('a\u009b31m\u202eb\u0000ü画')).toBe('"a\\u009b31m\\u202eb\\u0000ü画"');
  });

  it('stays the same value, and is clean', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = jsonText(value, 2);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(cleanText(text)).toBe(text);
      }),
    );
  });
});

describe('readJson', () => {
  it('says where it breaks, and shows the spot', () => {
    const text = `{"to": "ana@example.com",${' '.repeat(80)}"subject": oops, "body": "hello"}`;
    let thrown: unknown;
    try {
      readJson(text, '--payload');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(JobQueueError);
    expect((thrown as JobQueueError).message).toBe('--payload is not JSON: line 1, column 117: unexpected symbol');
    const [excerpt = '', mark = ''] = (thrown as JobQueueError).hint!.split('\n');
    expect(excerpt.slice(mark.length - 1)).toMatch(/^oops, "body"/);
  });

  it('marks the right column, whatever stands before it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (before) => {
        const line = before.replace(/\n/g, '');
        const spot = renderSpot(`${line}!`, { line: 1, column: line.length + 1, reason: '' })!;
        const [excerpt = '', mark = ''] = spot.split('\n');
        expect(excerpt[mark.length - 1]).toBe('!');
        expect(cleanText(spot)).toBe(spot);
      }),
    );
  });
});
