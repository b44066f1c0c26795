import fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import { uuidV7 } from '../../src/lib/uuid.ts';

afterEach(() => void vi.useRealTimers());

function uuidAt(ms: number): string {
  vi.useFakeTimers({ now: ms, toFake: ['Date'] });
  return uuidV7();
}

const time = fc.integer({ min: 0, max: 2 ** 47 });

it('is a version 7 UUID that holds its time', () => {
  fc.assert(
    fc.property(time, (ms) => {
      const id = uuidAt(ms);
      expect(id).toMatch(/^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
      expect(Number.parseInt(id.slice(0, 12), 16)).toBe(ms);
    }),
  );
});

it('sorts by time', () => {
  fc.assert(
    fc.property(time, fc.integer({ min: 1, max: 10 ** 12 }), (ms, later) => {
      expect(uuidAt(ms) < uuidAt(ms + later)).toBe(true);
    }),
  );
});

it('is never the same twice', () => {
  vi.useFakeTimers({ now: 0, toFake: ['Date'] });
  expect(new Set(Array.from({ length: 10_000 }, uuidV7)).size).toBe(10_000);
});
