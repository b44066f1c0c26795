import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { followSignals } from '../../src/lib/follow-signals.ts';

it('aborts as soon as one of its sources does, with that one’s reason', () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const { signal } = followSignals([first.signal, second.signal]);
  expect(signal.aborted).toBe(false);
  second.abort('second');
  first.abort('first');
  expect(signal.reason).toBe('second');
});

it('has aborted when one of its sources had', () => {
  expect(followSignals([new AbortController().signal, AbortSignal.abort('before')]).signal.reason).toBe('before');
});

it('lets go of its sources, so that they keep nothing alive', () => {
  const source = new AbortController();
  const { signal, release } = followSignals([source.signal]);
  expect(getEventListeners(source.signal, 'abort')).toHaveLength(1);
  release();
  expect(getEventListeners(source.signal, 'abort')).toHaveLength(0);
  source.abort();
  expect(signal.aborted).toBe(false);
});
