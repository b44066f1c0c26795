import { describe, expect, it } from 'vitest';
import { Interruptible } from '../../src/lib/interruptible.ts';

describe('an interruption', () => {
  it('reaches the signal, whether that was asked for before or after', () => {
    const subject = new Interruptible();
    const early = subject.signal;
    const why = new Error('enough');
    subject.interrupt(why);
    expect(early).toMatchObject({ aborted: true, reason: why });
    expect(subject.signal).toBe(early);

    const late = new Interruptible();
    late.interrupt(why);
    expect(late.signal).toMatchObject({ aborted: true, reason: why });
  });

  it('is told once: the first reason stays', async () => {
    const subject = new Interruptible();
    expect(subject.why).toBeUndefined();
    const first = new Error('first');
    subject.interrupt(first);
    subject.interrupt(new Error('second'));
    expect(subject.why).toBe(first);
    expect(await subject.told).toBe(first);
  });
});
