import { assert, constantFrom, jsonValue, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { depthOf } from '../../src/server/json-body.ts';

const depthOfValue = (value: unknown): number =>
  value !== null && typeof value === 'object' ? 1 + Math.max(0, ...Object.values(value).map(depthOfValue)) : 0;

describe('depthOf', () => {
  it('is the depth of the value, for every JSON text', () => {
    const texts = jsonValue({ maxDepth: 6, stringUnit: 'binary' });
    assert(
      property(texts, constantFrom(undefined, 2), (value, indent) => {
        expect(depthOf(JSON.stringify(value, null, indent))).toBe(depthOfValue(JSON.parse(JSON.stringify(value))));
      }),
    );
  });

  it('does not count what stands in strings', () => {
    expect(depthOf(String.raw`{"a": "[[[\"[[[", "b\\": [1]}`)).toBe(2);
  });

  it('takes any depth', () => {
    expect(depthOf('['.repeat(1_000_000))).toBe(1_000_000);
  });
});
