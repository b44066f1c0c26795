import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JobQueueError } from '../../../src/errors.ts';
import { createFilter } from '../../../src/jobs/filter/filter.ts';
import { filterOf } from '../../../src/jobs/filter/from-flags.ts';
import { parseFilter } from '../../../src/jobs/filter/parse.ts';
import { renderFilter, renderFlags } from '../../../src/jobs/filter/render.ts';
import { anyFilter, anyText } from './filters.ts';

const term = (text: string) => parseFilter(text).terms[0]!;

function thrownBy(text: string): unknown {
  try {
    parseFilter(text);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('parseFilter', () => {
  it('reads terms, all of which must fit', () => {
    expect(parseFilter('type:send-*  !queue:mail,bulk attempts:>3\terror:"timed out" payload.user.id:7')).toEqual({
      terms: [
        { field: 'type', path: [], negated: false, values: [{ kind: 'glob', text: 'send-*' }] },
        {
          field: 'queue',
          path: [],
          negated: true,
          values: [
            { kind: 'text', text: 'mail' },
            { kind: 'text', text: 'bulk' },
          ],
        },
        { field: 'attempts', path: [], negated: false, values: [{ kind: 'number', operator: '>', number: 3 }] },
        { field: 'error', path: [], negated: false, values: [{ kind: 'text', text: 'timed out' }] },
        { field: 'payload', path: ['user', 'id'], negated: false, values: [{ kind: 'text', text: '7' }] },
      ],
    });
    expect(parseFilter('  ')).toEqual({ terms: [] });
  });

  it.each([
    ['timeout', { field: 'text', values: [{ kind: 'text', text: 'timeout' }] }],
    ['!"a:b \\"c\\""', { field: 'text', negated: true, values: [{ kind: 'text', text: 'a:b "c"' }] }],
    ['/time(d )?out/i', { field: 'text', values: [{ kind: 'pattern', source: 'time(d )?out', anyCase: true }] }],
    ['type:"a*"', { field: 'type', values: [{ kind: 'text', text: 'a*' }] }],
    ['age:1m..5m', { field: 'age', values: [{ kind: 'range', min: 60_000, max: 300_000 }] }],
    ['since:2030-01-31T09:00:00Z', { values: [{ kind: 'time', ms: Date.UTC(2030, 0, 31, 9) }] }],
    ['payload.n:>=-2.5', { path: ['n'], values: [{ kind: 'number', operator: '>=', number: -2.5 }] }],
    ['payload.n:">2"', { path: ['n'], values: [{ kind: 'text', text: '>2' }] }],
    ['error:a:b', { field: 'error', values: [{ kind: 'text', text: 'a:b' }] }],
  ])('%s', (text, expected) => {
    expect(term(text)).toMatchObject(expected);
  });

  it.each([
    ['typ:a', 'column 1: expected one of the fields', 'Did you mean "type"?'],
    ['type:a stat:b', 'column 8: expected one of the fields', 'Did you mean "state"?'],
    ['state:waitin', 'column 7: expected one of waiting, prioritized', 'Did you mean "waiting"?'],
    ['http://x.test', 'column 1: expected one of the fields', 'double quotes'],
    ['attempts:many', 'column 10: expected a number such as 3, >3, <=3 or 2..5, got "many"', '^'],
    ['attempts:5..2', 'expected a number', '^'],
    ['attempts:/3/', 'expected a number', '^'],
    ['since:yesterday', "expected a time such as '2h'", '^'],
    ['type:', 'column 6: expected a name such as send-email', '^'],
    ['type:a,', 'column 8: expected a name', '^'],
    ['error:"open', 'column 7: expected a closing quote', '^'],
    ['error:"a"b', 'column 10: expected a space, a comma or the end, got "b"', '^'],
    ['type.name:a', 'column 1: expected type without a path', '^'],
    ['error:/(a/', 'a pattern in the syntax of RE2 (missing closing )', '^'],
    ['error:/(?=a)/', 'a pattern in the syntax of RE2', '^'],
    [`error:/${'a'.repeat(201)}/`, 'a pattern of at most 200 characters', '^'],
    ['payload.n:>x', 'expected a value such as 7', '^'],
    ['!', 'column 2: expected a text', '^'],
    ['a'.repeat(2001), 'at most 2000 characters', ''],
  ])('refuses %s', (text, message, hint) => {
    const thrown = thrownBy(text);
    expect(thrown).toBeInstanceOf(JobQueueError);
    expect(thrown).toMatchObject({ code: 'USAGE', message: expect.stringContaining(message) });
    expect((thrown as JobQueueError).hint ?? '').toContain(hint);
  });

  it('is deeply frozen', () => {
    const { terms } = parseFilter('payload.a:7');
    for (const part of [terms, terms[0]!, terms[0]!.path, terms[0]!.values, terms[0]!.values[0]!]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('never breaks: any text is a filter, or refused by name', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyText, fc.constantFrom('type:', '!', ' ', 'payload.a:', 'since:'))), (parts) => {
        expect([undefined, 'USAGE']).toContain((thrownBy(parts.join('')) as JobQueueError | undefined)?.code);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a filter as text', () => {
  it('parses to the same filter', () => {
    fc.assert(
      fc.property(anyFilter, (filter) => {
        expect(parseFilter(renderFilter(filter))).toEqual(filter);
      }),
      { numRuns: 1500 },
    );
  });

  it.each(['type:send-* !queue:mail attempts:>3 "timed out" payload.n:7', 'ran:>1m,5s..10s', '/a b/i !x'])(
    '%s stays as it is',
    (text) => {
      expect(renderFilter(parseFilter(text))).toBe(text);
    },
  );
});

describe('a filter as flags', () => {
  it('is read back to one that has the same terms', () => {
    fc.assert(
      fc.property(anyFilter, (filter) => {
        const words = renderFlags(filter);
        const flags = Object.fromEntries(
          Array.from({ length: words.length / 2 }, (_, index) => [words[index * 2]!.slice(2), words[index * 2 + 1]!]),
        );
        const read = filterOf(flags);
        const inOrder = (terms: typeof filter.terms) =>
          createFilter(
            terms.toSorted((a, b) => (renderFilter({ terms: [a] }) < renderFilter({ terms: [b] }) ? -1 : 1)),
          );
        expect(inOrder(read.terms)).toEqual(inOrder(filter.terms));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['queue:mail error:"timed out"', ['--queue', 'mail', '--error', 'timed out']],
    ['!type:a,b* payload.n:7 attempts:>2', ['--type', '!a,b*', '--attempts', '>2', '--where', 'payload.n:7']],
    ['type:a type:b', ['--type', 'a', '--where', 'type:b']],
    ['error:"a*"', ['--error', '"a*"']],
  ])('%s', (text, words) => {
    expect(renderFlags(parseFilter(text))).toEqual(words);
  });

  it('a text needs no quotes but those of the shell', () => {
    expect(filterOf({ error: 'a, b: "c"' })).toEqual(parseFilter('error:"a, b: \\"c\\""'));
    expect(filterOf({ error: '/a b/i' })).toEqual(parseFilter('error:/a b/i'));
    expect(filterOf({ error: '/var/log' })).toEqual(parseFilter('error:"/var/log"'));
    expect(() => filterOf({ attempts: 'many' })).toThrow('--attempts');
  });
});
