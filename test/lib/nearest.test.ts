import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from '../../src/lib/nearest.ts';

const TYPES = ['send-email', 'send-notification', 'resize-image', 'mail/welcome', 'flaky'];

describe('nearest', () => {
  it.each([
    ['send-emial', 'send-email'],
    ['sendemail', 'send-email'],
    ['SEND-EMAIL', 'send-email'],
    ['mail/welcom', 'mail/welcome'],
    ['flakey', 'flaky'],
  ])('takes %s for %s', (word, meant) => expect(nearest(word, TYPES)).toBe(meant));

  it.each(['charge-card', 'welcome', 'x', '', 'toString'])('suggests nothing for %j', (word) =>
    expect(nearest(word, TYPES)).toBeUndefined(),
  );

  it('has nothing to suggest among nothing', () => expect(nearest('a', [])).toBeUndefined());

  it('finds every candidate by its own name, in any case', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
    fc.assert(
      fc.property(names, fc.nat(), (all, pick) => {
        const name = all[pick % all.length]!;
        expect(nearest(name.toUpperCase(), all)).toBe(name);
      }),
    );
  });

  it('suggests a candidate or nothing, never anything else', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (word, all) => {
        expect([undefined, ...all]).toContain(nearest(word, all));
      }),
    );
  });
});

it('asks in a sentence', () => {
  expect(didYouMean('send-emial', TYPES)).toBe('Did you mean "send-email"?');
  expect(didYouMean('charge-card', TYPES)).toBeUndefined();
});
