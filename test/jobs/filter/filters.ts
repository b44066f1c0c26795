import fc from 'fast-check';
import { FIELD_NAMES, type FieldKind, type FieldName, FIELDS } from '../../../src/jobs/filter/fields.ts';
import { createFilter, type Filter, OPERATORS, type Term, type Value } from '../../../src/jobs/filter/filter.ts';

// Letters that mean something to the parser come often.
const character = fc.constantFrom(...'abz7 ,:"\\*?/!<>=.-\n\té\u202e😀'.split(''));
export const anyText = fc.array(character, { maxLength: 8 }).map((each) => each.join(''));

const text: fc.Arbitrary<Value> = anyText.map((text) => ({ kind: 'text', text }));
const glob: fc.Arbitrary<Value> = fc
  .tuple(fc.stringMatching(/^[a-z.-]{0,3}$/), fc.constantFrom('*', '?'), fc.stringMatching(/^[a-z.*?:-]{0,3}$/))
  .map((parts) => ({ kind: 'glob', text: parts.join('') }));
const pattern: fc.Arbitrary<Value> = fc.record({
  kind: fc.constant('pattern'),
  source: fc.constantFrom('a+', 'a|b', '^a.*b$', String.raw`\/x`, 'a b', 'a,b', '"', '[!:]'),
  anyCase: fc.boolean(),
});
const amount = (number: fc.Arbitrary<number>): fc.Arbitrary<Value> =>
  fc.oneof(
    fc.record({ kind: fc.constant('number'), operator: fc.constantFrom(...OPERATORS), number }),
    fc.tuple(number, number).map(([a, b]): Value => ({ kind: 'range', min: Math.min(a, b), max: Math.max(a, b) })),
  );
const anyNumber = fc
  .oneof(fc.integer({ min: -9, max: 9 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((number) => number + 0);
const time: fc.Arbitrary<Value> = fc
  .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => ({ kind: 'time', ms: date.getTime() }));

const VALUES: Record<Exclude<FieldKind, 'word'>, fc.Arbitrary<Value>> = {
  name: fc.oneof(text, glob, pattern),
  text: fc.oneof(text, glob, pattern),
  // Without an operator it is a text that numbers fit too.
  json: fc.oneof(text, glob, pattern, amount(anyNumber)),
  number: amount(anyNumber),
  duration: amount(fc.nat({ max: 1e9 })),
  time,
};

function termOf(field: FieldName): fc.Arbitrary<Term> {
  const row: { kind: FieldKind; words?: readonly string[] } = FIELDS[field];
  const value =
    row.kind === 'word'
      ? fc.constantFrom(...row.words!).map((text): Value => ({ kind: 'text', text }))
      : VALUES[row.kind];
  const steps = fc.array(fc.stringMatching(/^[a-z0-9_-]{1,4}$/), { maxLength: 2 });
  return fc.record({
    field: fc.constant(field),
    path: row.kind === 'json' ? steps : fc.constant([]),
    negated: fc.boolean(),
    values: fc.array(value, { minLength: 1, maxLength: 3 }),
  });
}

export const anyTerm: fc.Arbitrary<Term> = fc.oneof(...FIELD_NAMES.map(termOf));
export const anyFilter: fc.Arbitrary<Filter> = fc.array(anyTerm, { maxLength: 4 }).map(createFilter);
