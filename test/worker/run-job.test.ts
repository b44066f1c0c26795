import pino from 'pino';
import { describe, expect, it } from 'vitest';
import type { AttemptEnd, Delivery } from '../../src/broker/consumer/consumer.ts';
import { Interruption } from '../../src/broker/interruption.ts';
import type { Run } from '../../src/handlers/define-handler.ts';
import type { Project } from '../../src/jobs/project.ts';
import { Interruptible } from '../../src/lib/interruptible.ts';
import { runJob } from '../../src/worker/run-job.ts';

/** One attempt, without Redis: what it would write is not written. */
function run(handler: Run<unknown>, delivery: Partial<Delivery> = {}): Promise<AttemptEnd> {
  const project = {
    broker: { clock: { now: () => Date.now() } },
    handlers: { get: async () => ({ run: handler }) },
    config: { values: { defaults: { timeout: 60_000 } } },
  } as unknown as Project;
  const given = {
    id: 'j_1',
    type: 'subject',
    queue: 'default',
    payload: {},
    attempt: 1,
    maxAttempts: 3,
    createdAt: new Date(),
    fence: 1,
    extras: {},
    interruption: new Interruptible(),
    setDeadline() {},
    log: async () => {},
    ...delivery,
  } as Delivery;
  return runJob({ project, worker: 'host/1', log: pino({ level: 'silent' }) }, given);
}

describe('an attempt', () => {
  it('that lost its lock has nothing more to say, whatever its handler throws', async () => {
    const interruption = new Interruptible<Interruption>();
    const end = await run(
      () => {
        interruption.interrupt(new Interruption('lost-lock', 'lost'));
        throw new Error('boom');
      },
      { interruption },
    );
    expect(end).toEqual({ kind: 'lost' });
  });

  it('that was cancelled is dead, also when its handler takes the signal for a reason to return', async () => {
    const interruption = new Interruptible<Interruption>();
    const cancel = () => interruption.interrupt(new Interruption('cancelled', 'Cancelled by ada'));
    const end = await run((_payload, { signal }) => cancel() ?? signal.aborted, { interruption });
    expect(end).toMatchObject({ kind: 'failed', final: true, message: 'Cancelled by ada' });
  });

  it('never throws', async () => {
    const hostile = new Error('boom');
    Object.defineProperty(hostile, 'stack', { get: () => undefined });
    for (const thrown of [hostile, null, undefined, 5n, Symbol('boom'), Object.create(null), () => 1]) {
      expect(await run(() => Promise.reject(thrown as Error))).toMatchObject({ kind: 'failed', final: false });
    }
  });

  it('takes a timeout longer than a timer can hold', async () => {
    expect(await run(() => 'done', { extras: { timeoutMs: 2 ** 40 } })).toEqual({ kind: 'completed', result: 'done' });
  });
});
