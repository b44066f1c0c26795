import { expect, it } from 'vitest';
import type { AttemptEnd } from '../../src/broker/consumer/consumer.ts';
import { unwrap } from '../../src/broker/redis.ts';
import { emptySpan, SPAN_MS, spanOf, writeSpan } from '../../src/broker/spans.ts';
import { watchHour } from '../../src/jobs/hour-of-types.ts';
import type { Project } from '../../src/jobs/project.ts';
import { quantile } from '../../src/lib/histogram.ts';
import { createFigureBook } from '../../src/worker/figures.ts';
import { openTestProject } from '../helpers/test-project.ts';
import { useRedis } from '../helpers/use-redis.ts';

const MINUTE = 60_000;
/** Seven and a half minutes into a span. */
const NOW = spanOf(Date.UTC(2031, 0, 31, 12)) + 450_000;
const DONE: AttemptEnd = { kind: 'completed', result: null };
const FAILED = { kind: 'failed', message: 'no', stack: 'no', final: false } as const;

const { server, redis } = await useRedis();

const projectAt = (project: Project, now: number): Project => ({
  ...project,
  broker: { ...project.broker, clock: { ...project.broker.clock, now: () => now } },
});

interface Attempt {
  queue?: string;
  type?: string;
  runMs?: number;
  end?: AttemptEnd;
}

/** Attempts that ended then, as a worker writes them down. */
async function work({ broker }: Project, at: number, attempts: readonly Attempt[]): Promise<void> {
  const clock = { ...broker.clock, now: () => at };
  const book = createFigureBook(clock, () => true);
  for (const { queue = 'mail', type = 'a', runMs = 100, end = DONE } of attempts) {
    const subject = { queue, type, fence: 1, dueAt: new Date(at - runMs - 40), attempt: 1, maxAttempts: 3 };
    book.record(subject, end, at - runMs, runMs);
    await redis.call('SADD', 'jq:bull:queues', queue);
  }
  for (const reply of await broker.redis.pipeline(book.take({ ...broker, clock }, true))) unwrap(reply);
}

const plain = async (look: ReturnType<typeof watchHour>) =>
  (await look()).types.map(({ queue, type, ok, failed, dead }) => [queue, type, ok, failed, dead]).toSorted();

it('sums up what all workers wrote of each type in an hour, and no more', async () => {
  const project = await openTestProject(server);
  const runs = Array.from({ length: 200 }, (_, index) => 10 * 1.03 ** index);
  await work(
    project,
    NOW - 5 * MINUTE,
    runs.map((runMs) => ({ runMs })),
  );
  await work(project, NOW - 30 * MINUTE, [
    { runMs: 0.4 },
    { end: FAILED },
    { end: { ...FAILED, final: true }, runMs: 7000 },
  ]);
  await work(project, NOW, [
    { queue: 'other', type: 'ok.3:a:b' },
    { queue: 'mail', type: 'b' },
  ]);
  await work(project, NOW - 80 * MINUTE, [{ type: 'long ago' }]);

  const look = watchHour(projectAt(project, NOW));
  const { types, since, part } = await look();
  expect(part).toBe(1);
  expect((NOW - since) / MINUTE).toBe(67.5);
  expect(await plain(look)).toEqual([
    ['mail', 'a', 201, 2, 1],
    ['mail', 'b', 1, 0, 0],
    ['other', 'ok.3:a:b', 1, 0, 0],
  ]);
  const mail = types.find(({ type }) => type === 'a')!;
  const sum = runs.reduce((total, each) => total + each, 0) + 7100.4;
  expect(Math.abs(mail.runMs - sum)).toBeLessThan(3);
  expect(Math.abs(quantile(mail.run, 0.5)! / runs[100]! - 1)).toBeLessThan(0.13);
  expect(quantile(mail.wait, 0.5)! / 40).toBeCloseTo(1, 0);
  expect([
    mail.okByMinute.length,
    mail.okByMinute.at(-6),
    mail.okByMinute.at(-31),
    mail.failedByMinute.at(-31),
  ]).toEqual([60, 200, 1, 2]);
  expect(Math.abs(mail.runMsByMinute.at(-6)! - (sum - 7100.4))).toBeLessThan(2);
  expect(mail.okByMinute.reduce((total, each) => total + each, 0)).toBe(201);
  expect(await plain(watchHour(projectAt(project, NOW), 'other'))).toEqual([['other', 'ok.3:a:b', 1, 0, 0]]);
});

it('reads what is finished once, and what is not every ten seconds', async () => {
  const project = await openTestProject(server);
  let now = NOW;
  const moving = projectAt(project, NOW);
  const look = watchHour({
    ...moving,
    broker: { ...moving.broker, clock: { ...moving.broker.clock, now: () => now } },
  });
  const reads = async () => {
    await redis.call('CONFIG', 'RESETSTAT');
    await look();
    const stats = String(await redis.call('INFO', 'commandstats'));
    return Number(/cmdstat_hgetall:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  };
  await work(project, NOW, [{}]);
  expect(await reads()).toBe(7);
  await work(project, NOW, [{}]);
  now += 9000;
  expect(await reads()).toBe(0);
  expect((await look()).types[0]!.ok).toBe(1);
  now += 1000;
  expect(await reads()).toBe(1);
  expect((await look()).types[0]!.ok).toBe(2);
  // The next span has begun; the one before it may yet change for half a minute.
  now = NOW + 160_000;
  expect(await reads()).toBe(2);
  now += 30_000;
  expect(await reads()).toBe(2);
  now += 10_000;
  expect(await reads()).toBe(1);
  expect((await look()).types[0]!.ok).toBe(2);
  now = NOW + 7 * SPAN_MS;
  expect((await look()).types).toEqual([]);
});

it('of hundreds of queues it reads some with each look, the newest first, and says how far it is', async () => {
  const project = await openTestProject(server);
  const queues = Array.from({ length: 200 }, (_, index) => `q${index}`);
  await work(
    project,
    NOW,
    queues.map((queue) => ({ queue })),
  );
  await work(
    project,
    NOW - 65 * MINUTE,
    queues.map((queue) => ({ queue })),
  );
  const look = watchHour(projectAt(project, NOW));
  const ok = async () => {
    const { types, part } = await look();
    return [types.reduce((sum, each) => sum + each.ok, 0), part];
  };
  expect(await ok()).toEqual([200, 1000 / 1400]);
  expect(await ok()).toEqual([400, 1]);
});

it('what does not fit is passed over', async () => {
  const project = await openTestProject(server);
  const span = { ...emptySpan(), dead: 4 };
  await work(project, NOW, [{}]);
  const { keys } = project.broker;
  await project.broker.redis.pipeline(writeSpan(project.broker, 'mail', spanOf(NOW), new Map([['a', span]])));
  const strange = [
    'run.999:a',
    '5',
    'ok.77:a',
    '5',
    'ok:a',
    '5',
    'what',
    '5',
    'time.1:a',
    'x',
    '__proto__:a',
    '7',
    'ok.1:',
    '3',
  ];
  await redis.call('HSET', keys.span('mail', spanOf(NOW)), ...strange);
  await redis.call('SET', keys.span('mail', spanOf(NOW) - SPAN_MS), 'no hash');
  expect(await plain(watchHour(projectAt(project, NOW)))).toEqual([
    ['mail', '', 3, 0, 0],
    ['mail', 'a', 1, 0, 4],
  ]);
});
