import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPoller, type Poller } from '../../src/tui/poller.ts';
import { snapshot } from './snapshots.ts';

// Time is the subject here: the clock is the test's own.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  poller?.stop();
  vi.useRealTimers();
});

let poller: Poller | undefined;

/** A source whose answers the test gives, and what the poller said. */
function watch(intervalMs = 1000) {
  const asked: PromiseWithResolvers<void>[] = [];
  const said: string[] = [];
  poller = createPoller(
    async () => {
      const answer = Promise.withResolvers<void>();
      asked.push(answer);
      await answer.promise;
      return snapshot();
    },
    {
      intervalMs: () => intervalMs,
      onSnapshot: (_snapshot, everyMs) => said.push(`live ${everyMs}`),
      onMiss: (reason, retryMs) => said.push(`${reason}, ${retryMs}`),
    },
  );
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  const answer = async () => {
    asked.at(-1)!.resolve();
    await pass(0);
  };
  const refuse = async () => {
    asked.at(-1)!.reject(new Error('ECONNREFUSED'));
    await pass(0);
  };
  return { asked, said, pass, answer, refuse };
}

test('asks at once, then in the pace asked for', async () => {
  const { asked, said, pass, answer } = watch();
  await answer();
  await pass(999);
  expect([asked.length, said]).toEqual([1, ['live 1000']]);
  await pass(1);
  expect(asked).toHaveLength(2);
});

test('one question at a time, whoever else asks', async () => {
  const { asked, pass, answer } = watch();
  poller!.refresh();
  await pass(2500);
  poller!.refresh();
  expect(asked).toHaveLength(1);
  await answer();
  poller!.refresh();
  expect(asked).toHaveLength(2);
});

test('goes slower when an answer takes long', async () => {
  const { asked, said, pass, answer } = watch();
  await pass(300);
  await answer();
  expect(said).toEqual(['live 1500']);
  await pass(1199);
  expect(asked).toHaveLength(1);
  await pass(1);
  expect(asked).toHaveLength(2);
});

test('but never slower than every five seconds', async () => {
  const { said, pass, answer } = watch();
  await pass(2900);
  await answer();
  expect(said).toEqual(['live 5000']);
});

test('an answer as slow as the limit changes nothing', async () => {
  const { said, pass, answer } = watch(500);
  await pass(200);
  await answer();
  expect(said).toEqual(['live 500']);
});

test('asks again after a failure, ever later, and at the old pace when it is over', async () => {
  const { asked, said, pass, answer, refuse } = watch();
  for (const waitMs of [1000, 2000, 3000, 3000, 3000]) {
    await refuse();
    await pass(waitMs);
  }
  expect(said).toEqual([1000, 2000, 3000, 3000, 3000].map((ms) => `ECONNREFUSED, ${ms}`));
  await pass(900);
  await answer();
  expect(said.at(-1)).toBe('live 1000');
  await pass(1000);
  await refuse();
  expect(said.at(-1)).toBe('ECONNREFUSED, 1000');
  expect(asked).toHaveLength(7);
});

test('refresh does not wait for the next retry', async () => {
  const { asked, refuse } = watch();
  await refuse();
  poller!.refresh();
  expect(asked).toHaveLength(2);
});

test('silence counts as away, and the late answer as back, at the old pace', async () => {
  const { asked, said, pass, answer } = watch();
  await pass(6000);
  expect(said).toEqual(['no answer for 3s, 3000', 'no answer for 6s, 3000']);
  await answer();
  expect(said.at(-1)).toBe('live 1000');
  await pass(1000);
  expect(asked).toHaveLength(2);
});

test('stopped, it says and asks nothing more', async () => {
  const { asked, said, pass, answer } = watch();
  poller!.stop();
  await answer();
  await pass(60_000);
  poller!.refresh();
  expect([asked.length, said]).toEqual([1, []]);
  expect(vi.getTimerCount()).toBe(0);
});
