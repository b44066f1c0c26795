import { getEventListeners } from 'node:events';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import type { AttemptEnd, Delivery } from '../../src/broker/consumer.ts';
import type { Run } from '../../src/handlers/define-handler.ts';
import type { Project } from '../../src/jobs/project.ts';
import { runJob } from '../../src/worker/run-job.ts';

const stopping = new AbortController();

/** One attempt, without Redis: what it would write is not written. */
function run(handler: Run<unknown>, delivery: Partial<Delivery> = {}): Promise<AttemptEnd> {
  const project = {
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
    lockLost: new AbortController().signal,
    log: async () => {},
    ...delivery,
  } as Delivery;
  return runJob({ project, worker: 'host/1', log: pino({ level: 'silent' }), stopping: stopping.signal }, given);
}

describe('an attempt', () => {
  it('lets go of the worker that ran it: nothing of it is kept for as long as that lives', async () => {
    for (let count = 0; count < 20; count += 1)
      await run((_payload, { signal }) => signal.addEventListener('abort', () => {}));
    await run(() => Promise.reject(new Error('boom')));
    expect(getEventListeners(stopping.signal, 'abort')).toHaveLength(0);
  });

  it('that lost its lock has nothing more to say, whatever its handler throws', async () => {
    const lock = new AbortController();
    const end = await run(
      () => {
        lock.abort(new Error('lost'));
        throw new Error('boom');
      },
      { lockLost: lock.signal },
    );
    expect(end).toEqual({ kind: 'lost' });
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
