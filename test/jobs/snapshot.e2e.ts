import { expect, it } from 'vitest';
import type { AttemptEnd } from '../../src/broker/consumer/consumer.ts';
import { createFigureWindow } from '../../src/broker/figure-window.ts';
import { bucketOf, BUCKET_MS, emptyFigures, type Figures, writeFigures } from '../../src/broker/figures.ts';
import { unwrap } from '../../src/broker/redis.ts';
import { type WorkerRecord, writeBeat } from '../../src/broker/worker-records.ts';
import type { Project } from '../../src/jobs/project.ts';
import { takeSnapshot, watchProject } from '../../src/jobs/snapshot.ts';
import { now } from '../../src/lib/clock.ts';
import { addTo, binOf } from '../../src/lib/histogram.ts';
import { createFigureBook } from '../../src/worker/figures.ts';
import { plantJobs } from '../helpers/plant-jobs.ts';
import { openTestProject } from '../helpers/test-project.ts';
import { useRedis } from '../helpers/use-redis.ts';

const { server, redis } = await useRedis();

async function write({ broker }: Project, commands: (string | number)[][]): Promise<void> {
  for (const reply of await broker.redis.pipeline(commands)) unwrap(reply);
}

const worker = (record: Partial<WorkerRecord> = {}): WorkerRecord => ({
  id: 'web-1/7',
  host: 'web-1',
  pid: 7,
  slotsByQueue: { mail: 4 },
  busy: 1,
  rssBytes: 1e8,
  loopDelayMs: 1,
  startedAt: now() - 60_000,
  beatAt: now(),
  state: 'running',
  tally: { completed: 0, failed: 0, lately: { ms: 5000, completed: 0, failed: 0 } },
  ...record,
});

function figures(ok: number, failed: number, runMs = 100): Figures {
  const some = emptyFigures();
  Object.assign(some, { ok, failed });
  addTo(some.run, binOf(runMs), ok + failed);
  return some;
}

const DONE = { kind: 'completed', result: null } as const;

it('a queue without workers of ours has counts and no rates', async () => {
  const project = await openTestProject(server, { config: { queues: { mail: {} } } });
  const { queues, totals } = await takeSnapshot(project);
  expect(queues).toMatchObject([
    { name: 'mail', waiting: 0, workers: 0, slots: 0, completedPerSecond: null, p50Ms: null },
  ]);
  expect(totals.completedPerSecond).toBeNull();
});

it('rates, errors and run times come from the buckets of all workers', async () => {
  const project = await openTestProject(server, { config: { queues: { mail: {} } } });
  const bucket = bucketOf(now()) - BUCKET_MS;
  await write(project, [
    writeBeat(project.broker, worker()),
    writeBeat(project.broker, worker({ id: 'web-2/9', slotsByQueue: { mail: 2, other: 9 } })),
    // Two workers, and two types, in one bucket.
    ...writeFigures(project.broker, 'mail', bucket, new Map([['a', figures(30, 5)]])),
    ...writeFigures(
      project.broker,
      'mail',
      bucket,
      new Map([
        ['b', figures(30, 5)],
        ['a', figures(30, 5)],
      ]),
    ),
  ]);
  const [mail] = (await takeSnapshot(project)).queues;
  expect(mail).toMatchObject({ workers: 2, slots: 6, errorRate: 15 / 105 });
  // Over the last minute, of which the first bucket is only a part.
  expect(mail!.completedPerSecond).toBeGreaterThan(90 / 61);
  expect(mail!.completedPerSecond).toBeLessThan(90 / 49);
  expect(mail!.p50Ms).toBeGreaterThan(90);
  expect(mail!.p50Ms).toBeLessThan(110);
  expect(mail!.history.toSpliced(-2)).toEqual(Array.from({ length: 28 }, () => 0));
  expect(mail!.history.at(-2)! + mail!.history.at(-1)!).toBe(90);
});

it('a worker that has just come has a rate at once', async () => {
  const project = await openTestProject(server, { config: { queues: { mail: {} } } });
  await write(project, [
    writeBeat(project.broker, worker({ startedAt: now() - 2000 })),
    ...writeFigures(project.broker, 'mail', bucketOf(now()), new Map([['a', figures(100, 0)]])),
  ]);
  const [mail] = (await takeSnapshot(project)).queues;
  // Not a hundred over a minute: at most the ten seconds of the bucket have passed.
  expect(mail!.completedPerSecond).toBeGreaterThanOrEqual(100 / 11);
});

it('a worker whose heart has stopped is lost, and does not count', async () => {
  const project = await openTestProject(server, { config: { queues: { mail: {} } } });
  await write(project, [writeBeat(project.broker, worker({ beatAt: now() - 20_000 }))]);
  const { workers, queues } = await takeSnapshot(project);
  expect(workers).toMatchObject([{ id: 'web-1/7', state: 'lost' }]);
  expect(queues).toMatchObject([{ name: 'mail', workers: 0, slots: 0 }]);
});

it('what several workers wrote down comes to the same as if one had done it all', async () => {
  const project = await openTestProject(server, { config: { queues: { mail: {} } } });
  const books = Array.from({ length: 4 }, () => createFigureBook(project.broker.clock, () => true));
  // A long tail, dealt out among three workers, and all of it to the fourth.
  const runs = Array.from({ length: 300 }, (_, index) => 5 * 1.02 ** index);
  for (const [index, runMs] of runs.entries()) {
    const [type, attempt] = [index % 2 === 0 ? 'a:b' : 'c', 1 + (index % 5)];
    const subject = { queue: 'mail', type, fence: 1, dueAt: new Date(0), attempt, maxAttempts: 5 };
    const end = index % 3 === 0 ? ({ kind: 'failed', message: 'no', stack: 'no', final: false } as const) : DONE;
    for (const book of [books[index % 3]!, books[3]!]) book.record(subject, end, runMs / 2, runMs);
  }
  const [one, two, three, all] = books.map((book) => book.take(project.broker, true));
  for (const commands of [one!, two!, three!]) await write(project, commands);
  const merged = (await takeSnapshot(project)).queues[0]!;
  await redis.call('DEL', ...((await redis.call('KEYS', 'jq:bull:stats:*')) as string[]));
  await write(project, all!);
  const single = (await takeSnapshot(project)).queues[0]!;
  const facts = ({ p50Ms, p95Ms, waitP50Ms, waitP95Ms, errorRate, history, failedHistory }: typeof merged) => [
    p50Ms,
    p95Ms,
    waitP50Ms,
    waitP95Ms,
    errorRate,
    ...[history, failedHistory].map((each) => each.reduce((a, b) => a + b, 0)),
  ];
  expect(facts(merged)).toEqual(facts(single));
  expect(merged.types.map(({ type, p95Ms, errorRate }) => [type, p95Ms, errorRate])).toEqual(
    single.types.map(({ type, p95Ms, errorRate }) => [type, p95Ms, errorRate]),
  );
  // And as it was, to within the width of a bin.
  expect(Math.abs(Math.log2(merged.p95Ms! / runs[285]!))).toBeLessThan(0.25);
  expect(Math.abs(Math.log2(merged.waitP50Ms! / (runs[150]! / 2)))).toBeLessThan(0.25);
  expect(merged.errorRate).toBe(1 / 3);
  expect(merged.deadPerSecond! / merged.failedPerSecond!).toBeCloseTo(20 / 100);
});

it('what became of the attempts of the day, in UTC, and of all time', async () => {
  const project = await openTestProject(server, { config: { queues: { mail: {}, other: {} } } });
  const today = Date.UTC(2031, 0, 31);
  const broker = { ...project.broker, clock: { ...project.broker.clock, now: () => today + 3_600_000 } };
  const end = async (at: number, ends: readonly AttemptEnd[]) => {
    const clock = { ...broker.clock, now: () => at };
    const book = createFigureBook(clock, () => true);
    for (const [index, each] of ends.entries()) {
      const subject = { queue: 'mail', type: `t${index}`, fence: 1, dueAt: new Date(at), attempt: 1, maxAttempts: 5 };
      book.record(subject, each, at, 5);
    }
    await write(project, book.take({ ...broker, clock }, true));
  };
  const failed = { kind: 'failed', message: 'no', stack: 'no', final: false } as const;
  await end(today - 1, [DONE, DONE, failed]);
  await end(today, [DONE, { ...failed, final: true }]);
  await end(today + 60_000, [failed, DONE, { kind: 'returned' } as never]);
  const { queues, totals } = await takeSnapshot({ ...project, broker });
  const [mail, other] = queues;
  expect(mail).toMatchObject({ name: 'mail', today: { completed: 2, failed: 2, dead: 1 } });
  expect(mail!.ever).toEqual({ completed: 4, failed: 3, dead: 1 });
  expect(other).toMatchObject({ name: 'other', today: null, ever: null });
  expect(totals).toMatchObject({ today: mail!.today, ever: mail!.ever });
  const tomorrow = { ...broker, clock: { ...broker.clock, now: () => today + 86_400_000 } };
  const later = await takeSnapshot({ ...project, broker: tomorrow });
  expect(later.totals).toMatchObject({ today: { completed: 0, failed: 0, dead: 0 }, ever: { completed: 4 } });
  const days = (await redis.call('KEYS', 'jq:bull:day:*')) as string[];
  expect(days.toSorted()).toEqual(['jq:bull:day:2031-01-30', 'jq:bull:day:2031-01-31']);
  for (const day of days) expect(await redis.call('TTL', day)).toBeGreaterThan(86_400);
});

it('how fast jobs come in, and when nothing will wait any more, or that more and more will', async () => {
  const project = await openTestProject(server, { config: { queues: { mail: {} } } });
  const queueHas = async (added: number, waiting: number) => {
    await write(project, [
      ['SET', 'bull:mail:id', added],
      ['DEL', 'bull:mail:wait', 'bull:mail:prioritized'],
    ]);
    const ids = Array.from({ length: waiting }, (_, index) => `w${index}`);
    await write(project, [
      ['RPUSH', 'bull:mail:wait', ...ids.slice(1)],
      ['ZADD', 'bull:mail:prioritized', 1, ids[0]!],
    ]);
  };
  await queueHas(1000, 500);
  // Half a minute ago a worker wrote down how it stood.
  const ago = bucketOf(now() - 30_000);
  const then = { keys: project.broker.keys, clock: { ...project.broker.clock, now: () => ago } };
  await write(project, writeFigures(then, 'mail', ago, new Map([['a', figures(300, 0)]])));
  const mail = async () => (await takeSnapshot(project)).queues[0]!;

  await queueHas(1900, 800);
  const grown = await mail();
  expect(grown.addedPerSecond).toBeGreaterThan(900 / 41);
  expect(grown.addedPerSecond).toBeLessThanOrEqual(900 / 30);
  expect(grown.growthPerSecond! / grown.addedPerSecond!).toBeCloseTo(300 / 900);
  expect(grown.drainMs).toBeNull();

  await queueHas(1900, 200);
  const shrunk = await mail();
  expect(shrunk.growthPerSecond).toBeLessThan(0);
  // 300 went in the time that two thirds of it are left for.
  expect(shrunk.drainMs).toBeCloseTo((200 / -shrunk.growthPerSecond!) * 1000);
  expect(shrunk.drainMs).toBeGreaterThanOrEqual((30_000 * 2) / 3);

  await redis.call('DEL', 'bull:mail:id');
  expect(await mail()).toMatchObject({ addedPerSecond: null });
});

it('who looks again and again sees for himself where a queue of other workers is going', async () => {
  const project = await openTestProject(server, { config: { queues: { mail: {} } } });
  const look = watchProject(project);
  await write(project, [
    ['SET', 'bull:mail:id', 100],
    ['RPUSH', 'bull:mail:wait', 'a', 'b', 'c'],
  ]);
  expect((await look()).queues[0]).toMatchObject({ addedPerSecond: null, growthPerSecond: null, drainMs: null });
  await write(project, [
    ['SET', 'bull:mail:id', 110],
    ['LPOP', 'bull:mail:wait'],
  ]);
  await expect.poll(async () => (await look()).queues[0]!.addedPerSecond).toBeGreaterThan(2);
  const [mail] = (await look()).queues;
  expect(mail).toMatchObject({ completedPerSecond: null, growthPerSecond: expect.any(Number) as number });
  expect(mail!.drainMs).toBeCloseTo((2 / -mail!.growthPerSecond!) * 1000);
});

it('buckets that are finished are read once', async () => {
  const { broker } = await openTestProject(server);
  const window = createFigureWindow(broker, 30);
  const at = bucketOf(now()) + 7000;
  const read = async (when: number) => {
    const { commands, take } = window.plan(['mail'], when);
    const { byType, starts } = take(await broker.redis.pipeline(commands)).get('mail')!;
    const reads = commands.slice(1).reduce((sum, [, , keyCount]) => sum + Number(keyCount), 0);
    return { reads, ok: byType.get('a')?.ok ?? 0, from: starts[0]! };
  };
  const add = async (start: number) =>
    broker.redis.pipeline(writeFigures(broker, 'mail', start, new Map([['a', figures(1, 0)]])));
  await add(bucketOf(at));
  await add(bucketOf(at) - BUCKET_MS);
  expect(await read(at)).toMatchObject({ reads: 30, ok: 2 });
  await add(bucketOf(at));
  // Workers write every two seconds.
  expect(await read(at + 1000)).toMatchObject({ reads: 0, ok: 2 });
  expect(await read(at + 2000)).toMatchObject({ reads: 1, ok: 3 });
  // One that is late still gets in.
  await add(bucketOf(at));
  expect(await read(at + 4000)).toMatchObject({ reads: 2, ok: 4 });
  expect(await read(at + 9000)).toMatchObject({ reads: 2, ok: 4 });
  expect(await read(at + 12_000)).toMatchObject({ reads: 1, ok: 4 });
  // And out on the other side of the window.
  expect(await read(at + 29 * BUCKET_MS)).toMatchObject({ ok: 3, from: bucketOf(at) });
  expect(await read(at + 30 * BUCKET_MS)).toMatchObject({ ok: 0 });
});

it('what is added up as buckets come, change and go is what they hold', async () => {
  const { broker } = await openTestProject(server);
  const window = createFigureWindow(broker, 3);
  const sums = async (of: typeof window, at: number) => {
    const { commands, take } = of.plan(['mail'], at);
    const { byType, all } = take(await broker.redis.pipeline(commands)).get('mail')!;
    const plain = ({ run, wait, ...counts }: Figures) => ({
      ...counts,
      run: Object.entries(run).filter(([, amount]) => amount !== 0),
      wait: Object.entries(wait).filter(([, amount]) => amount !== 0),
    });
    return { all: plain(all), byType: Object.fromEntries([...byType].map(([type, each]) => [type, plain(each)])) };
  };
  const types = ['a', 'b:c', 'd'];
  const began = bucketOf(now());
  for (let step = 0; step < 60; step += 1) {
    // Two seconds at a time, and once so long that nothing of before is left.
    const at = began + step * 2000 + (step > 40 ? 10 * BUCKET_MS : 0);
    const some = figures(step % 3, step % 2, 10 + step);
    addTo(some.wait, binOf(step));
    const commands = writeFigures(broker, 'mail', bucketOf(at), new Map([[types[Math.floor(step / 7) % 3]!, some]]));
    if (step % 5 > 0) await broker.redis.pipeline(commands);
    expect(await sums(window, at)).toEqual(await sums(createFigureWindow(broker, 3), at));
  }
});

it('what comes into a bucket later than any worker writes is seen by who begins to look after that', async () => {
  const { broker } = await openTestProject(server);
  const window = createFigureWindow(broker, 30);
  const at = bucketOf(now()) + 6000;
  const ok = async (of: typeof window, when: number) => {
    const { commands, take } = of.plan(['mail'], when);
    return take(await broker.redis.pipeline(commands)).get('mail')!.all.ok;
  };
  expect(await ok(window, at)).toBe(0);
  const late = writeFigures(broker, 'mail', bucketOf(at) - BUCKET_MS, new Map([['a', figures(1, 0)]]));
  await broker.redis.pipeline(late);
  expect(await ok(window, at + 2000)).toBe(0);
  expect(await ok(createFigureWindow(broker, 30), at + 2000)).toBe(1);
});

it('the newest dead letters follow what dies, goes and comes back', async () => {
  const project = await openTestProject(server);
  const look = watchProject(project);
  const dead = async () => (await look()).deadLetters.map(({ queue, id, error }) => `${queue} ${id} ${error}`);
  const letter = (id: string, queue: string, score: number, failedReason = 'no') =>
    plantJobs(redis, [{ id, queue, state: 'failed', score, fields: { failedReason } }]);
  await letter('7', 'mail', 2000);
  await letter('12', 'mail', 1000);
  await letter('a', 'bills', 1500);
  expect(await dead()).toEqual(['mail 7 no', 'bills a no', 'mail 12 no']);
  await redis.call('ZREM', 'bull:mail:failed', '7');
  expect(await dead()).toEqual(['bills a no', 'mail 12 no']);
  await letter('12', 'mail', 3000, 'never');
  expect(await dead()).toEqual(['mail 12 never', 'bills a no']);
  await redis.call('DEL', 'bull:mail:failed', 'bull:bills:failed');
  expect(await dead()).toEqual([]);
});

it('a queue that BullMQ 5 has paused keeps what waits elsewhere', async () => {
  const project = await openTestProject(server);
  await plantJobs(redis, [{ id: '1', state: 'waiting', createdAt: now() - 5000 }]);
  await redis.call('RENAME', 'bull:mail:wait', 'bull:mail:paused');
  await redis.call('HSET', 'bull:mail:meta', 'paused', '1');
  const [mail] = (await takeSnapshot(project)).queues;
  expect(mail).toMatchObject({ name: 'mail', waiting: 1, paused: true, pausedBy: null });
  expect(mail!.oldestWaitingMs).toBeGreaterThanOrEqual(5000);
});
