import { assert, constantFrom, jsonValue, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapeOf } from '../../src/server/json-body.ts';

const isBranch = (value: unknown): value is object => value !== null && typeof value === 'object';

const depthOf = (value: unknown): number =>
  isBranch(value) ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

const keysOf = (value: unknown): number =>
  isBranch(value)
    ? Math.max(Array.isArray(value) ? 0 : Object.keys(value).length, ...Object.values(value).map(keysOf))
    : 0;

describe('shapeOf', () => {
  it('is the depth of the value and the keys of its largest object, for every JSON text', () => {
    const texts = jsonValue({ maxDepth: 6, stringUnit: 'binary' });
    assert(
      property(texts, constantFrom(undefined, 2), (value, indent) => {
        const copy = JSON.parse(JSON.stringify(value)) as unknown;
        expect(shapeOf(JSON.stringify(value, null, indent))).toEqual({ depth: depthOf(copy), keys: keysOf(copy) });
      }),
    );
  });

  it('does not count what stands in strings', () => {
    expect(shapeOf(String.raw`{"a": "[[[\"[[[", "b\\": [1], ":::": ":"}`)).toEqual({ depth: 2, keys: 3 });
  });

  it('takes any depth, and brackets that do not match', () => {
    expect(shapeOf('['.repeat(1_000_000)).depth).toBe(1_000_000);
    expect(shapeOf(']]]:[:{:')).toEqual({ depth: 0, keys: 0 });
  });
});
