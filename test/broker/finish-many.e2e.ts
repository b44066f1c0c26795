import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINE_SOURCES, pack } from '../../src/broker/engine-scripts.ts';
import { openLastingRedis } from '../../src/broker/lasting-redis.ts';
import type { Redis, Reply } from '../../src/broker/redis.ts';
import { createScript, runScript } from '../../src/broker/script.ts';
import { FINISH_MANY, NOT_PLAIN } from '../../src/broker/scripts/finish-many.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { readKeyspace } from '../helpers/keyspace.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const LOCK_MS = 15_000;

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = await openLastingRedis(parseTarget(server.url, 'test'));
});
afterAll(async () => {
  await redis.close();
  await server.stop();
});

interface Keep {
  age?: number;
  count?: number;
}
/** A job that a worker has in hand, and what it makes of it. */
interface Running {
  result: string;
  fetchNext: boolean;
  keep: Keep;
  /** Whose lock it is by now. */
  lock: 'ours' | 'gone' | 'foreign';
  isActive: boolean;
  exists: boolean;
}
/** All that a queue may be while jobs are finished. */
interface Scene {
  running: Running[];
  /** Jobs that other workers have in hand: many, and the list of the active ones is not written anew. */
  foreign: number;
  /** The first job stands in the list of the active ones once more. */
  isListedTwice: boolean;
  waiting: number;
  lifo: number;
  prioritized: number[];
  delayed: number[];
  completed: number[];
  paused: boolean;
  concurrency: number | undefined;
  rate: { max: number; duration: number; used: number } | undefined;
  limiter: { max: number; duration: number } | undefined;
}

/** A limit of any kind leads to BullMQ's own way of taking a job: most scenes are without one. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const keep = fc.constantFrom<Keep>({ count: -1 }, { count: 0 }, { count: 2 }, { age: 60 }, { age: 60, count: 3 });
const scene: fc.Arbitrary<Scene> = fc.record({
  running: fc.array(
    fc.record({
      result: fc.constantFrom('null', '{"ok":1}', '"ü"'),
      fetchNext: fc.boolean(),
      keep,
      lock: fc.constantFrom<Running['lock']>('ours', 'ours', 'ours', 'gone', 'foreign'),
      isActive: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      exists: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  foreign: fc.constantFrom(0, 0, 2, 40),
  isListedTwice: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  waiting: fc.oneof(fc.constant(0), fc.nat(8)),
  lifo: fc.nat(1),
  prioritized: fc.oneof(fc.constant<number[]>([]), fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 })),
  delayed: fc.array(fc.constantFrom(-5000, 0, 5000), { maxLength: 3 }),
  // Their ends, in seconds before now.
  completed: fc.array(fc.nat(120), { maxLength: 5 }),
  paused: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  concurrency: seldom(fc.integer({ min: 1, max: 6 })),
  rate: seldom(fc.record({ max: fc.integer({ min: 1, max: 4 }), duration: fc.constant(60_000), used: fc.nat(4) })),
  limiter: seldom(fc.record({ max: fc.integer({ min: 1, max: 4 }), duration: fc.constant(60_000) })),
});

const JOB = ['name', 'x', 'data', '{}', 'opts', '{}', 'timestamp', NOW - 1000, 'delay', 0, 'priority', 0] as const;

async function setUp(scene: Scene): Promise<void> {
  const key = (part: string) => `bull:mail:${part}`;
  const commands: (string | number)[][] = [['FLUSHALL']];
  scene.running.forEach(({ lock, isActive, exists }, index) => {
    const id = `r${index}`;
    if (exists) commands.push(['HSET', key(id), ...JOB, 'ats', 1, ...(index % 3 === 1 ? ['atm', 9] : [])]);
    if (isActive) commands.push(['LPUSH', key('active'), id]);
    if (lock !== 'gone') commands.push(['SET', key(`${id}:lock`), lock === 'ours' ? `token:${index}` : 'other']);
    commands.push(['SADD', key('stalled'), id]);
  });
  for (let index = 0; index < scene.foreign; index += 1) commands.push(['LPUSH', key('active'), `o${index}`]);
  if (scene.isListedTwice) commands.push(['LPUSH', key('active'), 'r0']);
  for (let index = 0; index < scene.waiting; index += 1) {
    commands.push(
      // One in three was tried before.
      ['HSET', key(`w${index}`), ...JOB, ...(index % 3 === 2 ? ['ats', 12, 'processedOn', 1, 'atm', 9, 'stc', 1] : [])],
      [index < scene.lifo ? 'RPUSH' : 'LPUSH', key('wait'), `w${index}`],
    );
  }
  scene.prioritized.forEach((priority, index) =>
    commands.push(
      ['HSET', key(`p${index}`), ...JOB, 'priority', priority],
      ['ZADD', key('prioritized'), priority * 0x1_0000_0000 + index, `p${index}`],
    ),
  );
  scene.delayed.forEach((delay, index) =>
    commands.push(
      ['HSET', key(`d${index}`), ...JOB, 'delay', delay + 6000, 'priority', index % 2],
      ['ZADD', key('delayed'), (NOW + delay) * 0x1000 + index, `d${index}`],
    ),
  );
  scene.completed.forEach((ago, index) =>
    commands.push(
      ['HSET', key(`c${index}`), ...JOB, ...(index === 0 ? ['parentKey', 'bull:other:1'] : [])],
      ['HSET', 'bull:other:1', 'name', 'x'],
      ...(index < 2 ? [['RPUSH', key(`c${index}:logs`), 'a line']] : []),
      ...(index === 1 ? [['HSET', key(`c${index}:processed`), 'bull:other:2', '1']] : []),
      ['ZADD', key('completed'), NOW - ago * 1000, `c${index}`],
    ),
  );
  if (scene.prioritized.length > 0) commands.push(['SET', key('pc'), 7]);
  if (scene.paused) commands.push(['HSET', key('meta'), 'paused', 1]);
  if (scene.concurrency) commands.push(['HSET', key('meta'), 'concurrency', scene.concurrency]);
  if (scene.rate) {
    commands.push(['HSET', key('meta'), 'max', scene.rate.max, 'duration', scene.rate.duration]);
    if (scene.rate.used > 0) commands.push(['SET', key('limiter'), scene.rate.used, 'PX', 60_000]);
  }
  await redis.pipeline(commands);
}

const PARTS = ['wait', 'active', 'prioritized', 'events', 'stalled', 'limiter', 'delayed', 'paused', 'meta', 'pc'];
const keysOf = (...parts: string[]) => parts.map((part) => `bull:mail:${part}`);
const moveToFinished = createScript(ENGINE_SOURCES.moveToFinished, 14);

/** Each job by a call of BullMQ's own. */
async function finishOneByOne({ running, limiter }: Scene): Promise<Reply[]> {
  const answers: Reply[] = [];
  for (const [index, { result, fetchNext, keep: keepJobs }] of running.entries()) {
    const id = `r${index}`;
    const options = pack({
      token: `token:${index}`,
      keepJobs,
      limiter,
      lockDuration: LOCK_MS,
      attempts: 1,
      maxMetricsSize: '',
    });
    answers.push(
      await runScript(redis, moveToFinished, [
        ...keysOf(...PARTS, 'completed', id, 'metrics:completed', 'marker'),
        id,
        NOW,
        'returnvalue',
        result,
        'completed',
        fetchNext ? 1 : 0,
        'bull:mail:',
        options,
        '',
      ]),
    );
  }
  return answers;
}

async function finishTogether({ running, limiter }: Scene): Promise<Reply[]> {
  const keeps = running.map((each) => each.keep);
  const jobs = running.flatMap(({ result, fetchNext }, index) => [
    `r${index}`,
    `token:${index}`,
    result,
    fetchNext ? index + 1 : -index - 1,
  ]);
  const settings = JSON.stringify({ lockMs: LOCK_MS, keeps, limiter });
  const answers = await runScript(redis, FINISH_MANY, [
    ...keysOf(...PARTS, 'completed', 'marker'),
    'bull:mail:',
    NOW,
    settings,
    ...jobs,
  ]);
  return JSON.parse(answers as string) as Reply[];
}

/** What is left of a rate limit's time differs by the time between two calls; our script says nothing of what is 0. */
function tidy(answer: Reply): unknown {
  if (!Array.isArray(answer)) return answer;
  const [job, id, limitedMs = 0, nextAt = 0] = answer;
  return [job, id, (limitedMs as number) > 0, Math.trunc(Number(nextAt))];
}

/** Of the time that locks and counters have left, only whether there is one. */
async function readAll() {
  const keyspace = await readKeyspace(redis);
  const lasting = await redis.pipeline(Object.keys(keyspace).map((key) => ['PTTL', key]));
  return { keyspace, expires: lasting.map((left) => (left as number) > 0) };
}

describe('completing many jobs at once', () => {
  it('leaves and answers what BullMQ does one by one', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (given) => {
        await setUp(given);
        const [theirAnswers, theirs] = [await finishOneByOne(given), await readAll()];
        await setUp(given);
        const [ourAnswers, ours] = [await finishTogether(given), await readAll()];
        expect(ourAnswers.map(tidy)).toEqual(theirAnswers.map(tidy));
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, (string | number)[]]>([
    ['with a parent', ['HSET', 'bull:mail:r0', 'parentKey', 'bull:other:1']],
    ['with a deduplication key', ['HSET', 'bull:mail:r0', 'deid', 'once']],
    ['with children that have not ended', ['SADD', 'bull:mail:r0:dependencies', 'bull:other:1']],
    ['with children that failed', ['ZADD', 'bull:mail:r0:unsuccessful', 1, 'bull:other:1']],
  ])('leaves a job %s to BullMQ, as it was', async (_name, command) => {
    const running: Running[] = [
      { result: '1', fetchNext: false, keep: { count: -1 }, lock: 'ours', isActive: true, exists: true },
    ];
    const given = {
      running,
      foreign: 0,
      waiting: 0,
      lifo: 0,
      prioritized: [],
      delayed: [],
      completed: [],
      paused: false,
    } as never;
    await setUp(given);
    await redis.pipeline([command, ['HSET', 'bull:mail:meta', 'opts.maxLenEvents', 10_000]]);
    const before = await readKeyspace(redis);
    expect(await finishTogether(given)).toEqual([NOT_PLAIN]);
    expect(await readKeyspace(redis)).toEqual(before);
  });
});
