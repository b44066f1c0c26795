import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type BatcherOptions, createBatcher } from '../../src/lib/batcher.ts';

/** A batcher whose batches are answered, or refused, by hand. */
function open(options?: BatcherOptions) {
  const sent: { items: readonly number[]; answer(answers: string[]): void; refuse(error: Error): void }[] = [];
  const add = createBatcher((items: readonly number[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<string[]>();
    sent.push({ items, answer: resolve, refuse: reject });
    return promise;
  }, options);
  return { add, sent, sizes: () => sent.map(({ items }) => items.length) };
}

const addMany = (add: (item: number) => Promise<string>, amount: number) =>
  Array.from({ length: amount }, (_, index) => add(index));

describe('createBatcher', () => {
  it('sends what comes in one turn together, at its end, and gives each its own answer', async () => {
    const { add, sent } = open();
    const answers = addMany(add, 3);
    expect(sent).toEqual([]);
    await setImmediate();
    expect(sent.map(({ items }) => items)).toEqual([[0, 1, 2]]);
    sent[0]!.answer(['a', 'b', 'c']);
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c']);
  });

  it('sends what is enough at once, and the rest at the end of the turn', async () => {
    const { add, sizes } = open({ enough: 16 });
    void addMany(add, 35);
    expect(sizes()).toEqual([16, 16]);
    await setImmediate();
    expect(sizes()).toEqual([16, 16, 3]);
  });

  it('halves the first of batches that wait for each other, and lets the others gather', async () => {
    const { add, sent, sizes } = open({ mostUnderWay: 2 });
    void addMany(add, 9);
    await setImmediate();
    expect(sizes()).toEqual([5, 4]);
    void addMany(add, 20);
    await setImmediate();
    expect(sizes()).toEqual([5, 4]);
    sent[0]!.answer(['', '', '', '', '']);
    await setImmediate();
    await setImmediate();
    expect(sizes()).toEqual([5, 4, 20]);
  });

  it('refuses all of a batch that fails, and goes on', async () => {
    const { add, sent } = open({ mostUnderWay: 1 });
    const refused = Promise.allSettled(addMany(add, 2));
    await setImmediate();
    sent[0]!.refuse(new Error('gone'));
    expect((await refused).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = add(7);
    await setImmediate();
    sent[1]!.answer(['done']);
    expect(await next).toBe('done');
  });
});
