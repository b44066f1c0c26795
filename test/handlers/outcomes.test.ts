import { describe, expect, it } from 'vitest';
import { Discard, isDiscard, isSnooze, Snooze } from '../../src/handlers/outcomes.ts';

describe('Discard', () => {
  it('is told by its name, so that a copy of this program in a bundle counts too', () => {
    class Copy extends Error {
      override readonly name = 'Discard';
    }
    expect([new Discard('no'), new Copy('no'), new Error('no'), 'Discard', null].map(isDiscard)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('keeps its reason and its cause', () => {
    const cause = new Error('550');
    expect(new Discard('no such mailbox', { cause })).toMatchObject({ message: 'no such mailbox', cause });
  });
});

describe('Snooze', () => {
  it.each([
    ['10m', 600_000],
    [250, 250],
    [0, 0],
  ] as const)('of %j lasts %d ms', (delay, delayMs) => expect(new Snooze(delay).delayMs).toBe(delayMs));

  it.each([-1, Number.NaN, '10 minutes', undefined, null])(
    'of %j is a mistake in the handler, not a snooze',
    (delay) => {
      expect(() => new Snooze(delay as never)).toThrow(
        /^Expected new Snooze\(delay\) to get a duration such as '10m', got /,
      );
    },
  );

  it('is told by its name and its delay', () => {
    const named = (extra: object) => Object.assign(new Error('x'), { name: 'Snooze' }, extra);
    expect([new Snooze('1s'), named({ delayMs: 5 }), named({}), named({ delayMs: '5' }), null].map(isSnooze)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
