import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boolean,
  duration,
  fraction,
  integer,
  list,
  oneOf,
  size,
  text,
  type ValueKind,
} from '../../src/lib/value-kind.ts';

const port = integer({ min: 0, max: 65_535 });
const level = oneOf('debug', 'info');
const names = list('names', /^[a-z]+$/);
const path = text('a path', /^\//);

describe.each<[string, ValueKind<unknown, unknown>, string, [unknown, unknown][], unknown[]]>([
  [
    'an integer',
    port,
    'an integer from 0 to 65535',
    [
      [80, 80],
      ['80', 80],
      [' 80 ', 80],
      ['0', 0],
    ],
    [-1, 65_536, 1.5, '', ' ', 'x', '80x', null, true, Number.NaN, [80]],
  ],
  [
    'a fraction',
    fraction,
    'a number from 0 to 1',
    [
      [0.2, 0.2],
      ['0.2', 0.2],
      [1, 1],
    ],
    [-0.1, 1.1, '', 'half', null, Number.NaN],
  ],
  [
    'a boolean',
    boolean,
    'true or false',
    [
      [true, true],
      ['false', false],
      ['1', true],
      ['0', false],
    ],
    ['yes', '', 1, 0, null],
  ],
  ['a text', path, 'a path', [['/tmp', '/tmp']], ['tmp', '', 5, null]],
  ['a word', level, 'one of debug, info', [['info', 'info']], ['INFO', '', 'warn', null, 0]],
  [
    'a list',
    names,
    'names',
    [
      [
        ['a', 'b'],
        ['a', 'b'],
      ],
      ['a, b', ['a', 'b']],
    ],
    ['', 'a,,b', [], ['A'], [1], null, {}],
  ],
  [
    'a duration',
    duration,
    "a duration such as '250ms', '5s', '10m', '24h', '7d'",
    [['5s', 5000]],
    ['soon', -1, null, ''],
  ],
  ['a size', size, "a size such as '256kb' or '1mb'", [['1kb', 1024]], ['big', 0, '0kb', -1, null, '']],
])('%s', (_name, kind, expected, good, bad) => {
  it('says what is expected', () => expect(kind.expected).toBe(expected));
  it.each(good)('takes %j as %j', (raw, value) => expect(kind.parse(raw)).toEqual(value));
  it.each(bad)('refuses %j', (raw) => expect(kind.parse(raw)).toBeUndefined());
});

it('says an open range as one', () => expect(integer({ min: 1 }).expected).toBe('an integer ≥ 1'));

describe('what is written out', () => {
  const cases: [string, ValueKind<unknown, unknown>, fc.Arbitrary<unknown>][] = [
    ['an integer', port, fc.nat(65_535)],
    ['a fraction', fraction, fc.double({ min: 0, max: 1, noNaN: true })],
    ['a boolean', boolean, fc.boolean()],
    ['a text', path, fc.string().map((rest) => `/${rest}`)],
    ['a word', level, fc.constantFrom('debug', 'info')],
    ['a list', names, fc.array(fc.stringMatching(/^[a-z]+$/), { minLength: 1 })],
    ['a duration', duration, fc.nat()],
    ['a size', size, fc.integer({ min: 1 })],
  ];
  it.each(cases)('is read back the same: %s', (_name, kind, value) => {
    fc.assert(
      fc.property(value, (each) => {
        expect(kind.parse(kind.render(each))).toEqual(each);
      }),
    );
  });
});
