import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { bucketOf, BUCKET_MS, emptyFigures, type Figures, writeFigures } from '../../src/broker/figures.ts';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import { type Redis, unwrap } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { type WorkerRecord, writeBeat } from '../../src/broker/worker-records.ts';
import type { Project } from '../../src/jobs/project.ts';
import { takeSnapshot } from '../../src/jobs/snapshot.ts';
import { now } from '../../src/lib/clock.ts';
import { addTo, binOf } from '../../src/lib/histogram.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openTestProject } from '../helpers/test-project.ts';

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = await openQuickRedis(parseTarget(server.url, 'test'));
});
afterEach(() => redis.call('FLUSHALL'));
afterAll(async () => {
  await redis.close();
  await server.stop();
});

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
  ...record,
});

function figures(ok: number, failed: number, runMs = 100): Figures {
  const some = emptyFigures();
  Object.assign(some, { ok, failed });
  addTo(some.run, binOf(runMs), ok + failed);
  return some;
}

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
    ...writeBeat(project.broker, worker()),
    ...writeBeat(project.broker, worker({ id: 'web-2/9', slotsByQueue: { mail: 2, other: 9 } })),
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
    ...writeBeat(project.broker, worker({ startedAt: now() - 2000 })),
    ...writeFigures(project.broker, 'mail', bucketOf(now()), new Map([['a', figures(100, 0)]])),
  ]);
  const [mail] = (await takeSnapshot(project)).queues;
  // Not a hundred over a minute: at most the ten seconds of the bucket have passed.
  expect(mail!.completedPerSecond).toBeGreaterThanOrEqual(100 / 11);
});

it('a worker whose heart has stopped is lost, and does not count', async () => {
  const project = await openTestProject(server, { config: { queues: { mail: {} } } });
  await write(project, writeBeat(project.broker, worker({ beatAt: now() - 20_000 })));
  const { workers, queues } = await takeSnapshot(project);
  expect(workers).toMatchObject([{ id: 'web-1/7', state: 'lost' }]);
  expect(queues).toMatchObject([{ name: 'mail', workers: 0, slots: 0 }]);
});
