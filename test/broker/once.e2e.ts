import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import { beginStep, endStep, expireSteps } from '../../src/broker/once.ts';
import { openTestBroker } from '../helpers/broker.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';

let server: TestRedis;
let broker: Broker;

beforeAll(async () => {
  server = await startRedis();
  broker = await openTestBroker(server);
});
beforeEach(() => broker.redis.call('FLUSHALL'));
afterAll(async () => {
  await broker.close();
  await server.stop();
});

const key = (fence: number, step = 'send') => ({ queue: 'mail', id: 'j_1', step, fence });

describe('a step', () => {
  it('runs once, and its result is there for every later start', async () => {
    expect(await beginStep(broker, key(1))).toEqual({ state: 'run', result: '' });
    expect(await endStep(broker, key(1), '{"ok":1}')).toBe(true);
    for (const fence of [1, 2, 99])
      expect(await beginStep(broker, key(fence))).toEqual({ state: 'done', result: '{"ok":1}' });
    expect(await beginStep(broker, key(1, 'other'))).toMatchObject({ state: 'run' });
    expect(await beginStep(broker, { ...key(1), id: 'j_2' })).toMatchObject({ state: 'run' });
  });

  it('of a start that ended without a word is taken over, and the old start cannot record any more', async () => {
    await beginStep(broker, key(1));
    expect(await beginStep(broker, key(2))).toMatchObject({ state: 'run-again' });
    expect(await endStep(broker, key(1), '"old"')).toBe(false);
    expect(await beginStep(broker, key(1))).toMatchObject({ state: 'fenced' });
    expect(await endStep(broker, key(2), '"new"')).toBe(true);
    expect(await endStep(broker, key(1), '"old"')).toBe(false);
    expect(await beginStep(broker, key(1))).toEqual({ state: 'done', result: '"new"' });
  });

  it('compares fences as numbers', async () => {
    await beginStep(broker, key(9));
    expect(await beginStep(broker, key(10))).toMatchObject({ state: 'run-again' });
    expect(await beginStep(broker, key(9))).toMatchObject({ state: 'fenced' });
  });

  it('may have a result that looks like a mark of its own', async () => {
    await beginStep(broker, key(1));
    expect(await endStep(broker, key(1), '1')).toBe(true);
    expect(await endStep(broker, key(1), '2')).toBe(false);
    expect(await beginStep(broker, key(1))).toEqual({ state: 'done', result: '1' });
  });

  it('answers the same when it is asked again, as after an answer that got lost, whatever came before', async () => {
    type Held =
      { kind: 'none' } | { kind: 'running'; fence: number; again: boolean } | { kind: 'done'; result: string };
    const command = fc.record({
      kind: fc.constantFrom('begin', 'end'),
      fence: fc.integer({ min: 1, max: 3 }),
      times: fc.integer({ min: 1, max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 12 }), async (commands) => {
        await broker.redis.call('FLUSHALL');
        let held: Held = { kind: 'none' };
        for (const { kind, fence, times } of commands) {
          let expected: unknown;
          if (kind === 'begin') {
            if (held.kind === 'done') expected = { state: 'done', result: held.result };
            else if (held.kind === 'running' && held.fence > fence) expected = { state: 'fenced', result: '' };
            else {
              const again: boolean = held.kind === 'running' && (held.fence < fence || held.again);
              held = { kind: 'running', fence, again };
              expected = { state: again ? 'run-again' : 'run', result: '' };
            }
          } else {
            const isOurs: boolean = held.kind === 'running' && held.fence === fence;
            expected = isOurs || (held.kind === 'done' && held.result === String(fence));
            if (isOurs) held = { kind: 'done', result: String(fence) };
          }
          for (let time = 0; time < times; time += 1) {
            expect(
              await (kind === 'begin' ? beginStep(broker, key(fence)) : endStep(broker, key(fence), String(fence))),
            ).toEqual(expected);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is kept long, but not for ever, and goes with its job', async () => {
    await beginStep(broker, key(1));
    const hash = broker.keys.once('mail', 'j_1');
    expect(await broker.redis.call('PTTL', hash)).toBeGreaterThan(30 * 86_400_000);
    await expireSteps(broker, 'mail', 'j_1', 60_000);
    expect(await broker.redis.call('PTTL', hash)).toBeLessThanOrEqual(60_000);
    await expireSteps(broker, 'mail', 'never', 60_000);
  });
});
