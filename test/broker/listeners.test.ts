import { expect, test, vi } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import { createConnectionLook } from '../../src/broker/connections.ts';
import { createKeys } from '../../src/broker/keys.ts';
import { createListeners } from '../../src/broker/listeners.ts';
import { JobQueueError } from '../../src/errors.ts';

const listenersOf = (call: () => Promise<string>, isCluster = false) =>
  createListeners({ redis: { masters: () => [{ call }] }, keys: createKeys('bull', isCluster) } as unknown as Broker);
const line = (name: string, cmd: string) => `id=6 addr=10.0.0.5:1 name=${name} age=1 flags=b cmd=${cmd} user=default`;
const named = (queue: string, rest = '') => `bull:${Buffer.from(queue).toString('base64')}${rest}`;

test('connections that wait for jobs are told by their names', async () => {
  const list = [
    line(named('mail'), 'bzpopmin'),
    line(named('mail', ':w:web-1'), 'bzpopmin'),
    line(named('mail', ':qe'), 'xread'),
    line(named('größe'), 'BZPOPMIN'),
    line('', 'bzpopmin'),
    line('other:bWFpbA==', 'bzpopmin'),
  ];
  expect(await listenersOf(() => Promise.resolve(list.join('\n')))()).toEqual(
    new Map([
      ['mail', 2],
      ['größe', 1],
    ]),
  );
  const inCluster = listenersOf(() => Promise.resolve(line(named('{mail}'), 'bzpopmin')), true);
  expect(await inCluster()).toEqual(new Map([['mail', 1]]));
});

test('it is asked for now and then, and not again where that is not allowed', async () => {
  const call = vi.fn<() => Promise<string>>(() => Promise.resolve(line(named('mail'), 'bzpopmin')));
  const often = listenersOf(call);
  await often();
  expect(await often()).toEqual(new Map([['mail', 1]]));
  expect(call).toHaveBeenCalledTimes(1);

  const refused = vi.fn<() => Promise<string>>(() =>
    Promise.reject(new JobQueueError('REDIS_REFUSED', 'this user may not do that')),
  );
  const never = listenersOf(refused);
  expect([await never(), await never()]).toEqual([undefined, undefined]);
  expect(refused).toHaveBeenCalledTimes(1);
  await expect(listenersOf(() => Promise.reject(new JobQueueError('REDIS_UNREACHABLE', 'away')))()).rejects.toThrow(
    'away',
  );
});

test('what is known of a connection, whatever it calls itself', async () => {
  const list = [
    line(named('mail', ':w:a:b'), 'BZPOPMIN'),
    line(named('mail', ':qe'), 'xread'),
    'garbage',
    ' name=bull:',
    '',
  ];
  const look = createConnectionLook({
    redis: { masters: () => [{ call: () => Promise.resolve(list.join('\n')) }] },
    keys: createKeys('bull'),
  } as unknown as Broker);
  const found = await look();
  expect(found).toEqual([
    {
      key: '0 6',
      queue: 'mail',
      worker: 'a:b',
      waitsFor: 'jobs',
      address: '10.0.0.5:1',
      ageMs: 1000,
      idleMs: 0,
      command: 'bzpopmin',
    },
    expect.objectContaining({ worker: null, waitsFor: 'events', command: 'xread' }),
  ]);
  // The same list is told by being the same.
  expect(await look()).toBe(found);
});
