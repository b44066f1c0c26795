import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Redis } from '../../src/broker/redis.ts';
import type { JobOptions } from '../../src/handlers/define-handler.ts';
import type { JobQueueError } from '../../src/errors.ts';
import { enqueue, type Enqueued, enqueueMany, type EnqueueRequest, storeJobs } from '../../src/jobs/enqueue.ts';
import { getJob } from '../../src/jobs/find-jobs.ts';
import { prepareJob } from '../../src/jobs/prepare-job.ts';
import { readKeyspace } from '../helpers/keyspace.ts';
import { runJq } from '../helpers/run-jq.ts';
import { openTestProject, type TestProjectOptions } from '../helpers/test-project.ts';
import { useRedis } from '../helpers/use-redis.ts';
import { folderOf } from '../helpers/write-files.ts';

const { server, redis } = await useRedis();

const open = (options: TestProjectOptions = {}) =>
  openTestProject(server, {
    ...options,
    handlers: {
      greet: { input: z.object({ name: z.string(), polite: z.boolean().default(true) }), run: () => 1 },
      report: {
        queue: 'reports',
        priority: 9,
        attempts: 2,
        timeout: '1m',
        expiresIn: '1h',
        backoff: { type: 'fixed', delay: '3s' },
        run: () => 1,
      },
      plain: () => 1,
      ...options.handlers,
    },
  });

/** The error of a call, which must have stored nothing at all. */
async function refusal(call: () => Promise<unknown>): Promise<unknown> {
  const before = await readKeyspace(redis);
  const error = await call().then(
    () => Promise.reject(new Error('it was not refused')),
    (thrown: unknown) => thrown,
  );
  // That somebody looked for queues is no job.
  const { 'jq:bull:queues-searched': _searched, ...after } = await readKeyspace(redis);
  expect(after).toEqual(before);
  return error;
}

describe('defaults', () => {
  const CONFIG = {
    defaults: {
      attempts: 7,
      timeout: '10s',
      backoff: { type: 'exponential', delay: '4s', jitter: 0.1 },
      keepCompleted: { age: '1h', count: 5 },
    },
  } as const;

  it.each<[string, EnqueueRequest, object]>([
    [
      'the configuration’s, when nobody says more',
      { type: 'plain' },
      {
        queue: 'default',
        priority: 0,
        attempts: 7,
        backoff: { type: 'exponential', delayMs: 4000, jitter: 0.1 },
        keepCompleted: { ageMs: 3_600_000, count: 5 },
        extras: { timeoutMs: 10_000 },
      },
    ],
    [
      'the handler’s before those',
      { type: 'report' },
      {
        queue: 'reports',
        priority: 9,
        attempts: 2,
        backoff: { type: 'fixed', delayMs: 3000, jitter: 0 },
        extras: { timeoutMs: 60_000, expiresAt: expect.any(Number) as number },
      },
    ],
    [
      'the request’s before all',
      {
        type: 'report',
        options: {
          queue: 'default',
          priority: 0,
          attempts: 3,
          timeout: 50,
          backoff: { type: 'exponential', delay: 0 },
        },
      },
      {
        queue: 'default',
        priority: 0,
        attempts: 3,
        backoff: { type: 'exponential', delayMs: 0, jitter: 0 },
        extras: { timeoutMs: 50, expiresAt: expect.any(Number) as number },
      },
    ],
  ])('are %s', async (_name, request, settings) => {
    const project = await open({ config: CONFIG });
    expect(await prepareJob(project, request)).toMatchObject(settings);
  });

  it('are an id that is new and sorts by time, and an empty payload', async () => {
    const project = await open();
    const [first, second] = [
      await prepareJob(project, { type: 'plain' }),
      await prepareJob(project, { type: 'plain' }),
    ];
    expect(first).toMatchObject({ id: expect.stringMatching(/^j_[0-9a-f]{32}$/) as string, payload: {} });
    expect(first.id.slice(0, 14) <= second.id.slice(0, 14) && first.id !== second.id).toBe(true);
  });
});

describe('times', () => {
  it('count from when the job was asked for', async () => {
    const { createdAt, delayMs, extras } = await prepareJob(await open(), {
      type: 'plain',
      options: { delay: '5m', expiresIn: '1m' },
    });
    expect(delayMs).toBe(300_000);
    expect(extras.expiresAt).toBe(createdAt + 360_000);
  });

  it.each<[string, JobOptions['at']]>([
    ['a text', '2100-01-01T00:00:00Z'],
    ['a Date', new Date('2100-01-01T00:00:00Z')],
    ['a number', Date.UTC(2100, 0, 1)],
  ])('may be %s to start at', async (_name, at) => {
    const project = await open();
    const { id } = await enqueue(project, { type: 'plain', options: { at } });
    expect(await getJob(project, id)).toMatchObject({ state: 'delayed', nextRunAt: new Date('2100-01-01T00:00:00Z') });
  });

  it('that are past are now', async () => {
    const project = await open();
    const { id } = await enqueue(project, { type: 'plain', options: { at: '2001-01-01' } });
    expect(await getJob(project, id)).toMatchObject({ state: 'waiting' });
  });

  it('beyond every calendar do no harm to those who look', async () => {
    const project = await open();
    const { id } = await enqueue(project, { type: 'plain', options: { delay: Number.MAX_SAFE_INTEGER } });
    expect(await getJob(project, id)).toMatchObject({ state: 'delayed', nextRunAt: null });
  });
});

describe('a job that is stored', () => {
  it('holds what was sent, not what the schema made of it', async () => {
    const project = await open();
    const { id, queue, created } = await enqueue(project, { type: 'greet', payload: { name: 'Ada', more: 1 } });
    expect([queue, created]).toEqual(['default', true]);
    expect(await getJob(project, id)).toMatchObject({
      type: 'greet',
      payload: { name: 'Ada', more: 1 },
      status: 'pending',
      state: 'waiting',
      attempts: 0,
      maxAttempts: 5,
      nextRunAt: null,
      startedAt: null,
      finishedAt: null,
      result: null,
      error: null,
    });
  });

  it('holds any JSON, and any text', async () => {
    const project = await open();
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ stringUnit: 'binary' }), async (payload) => {
        const { id } = await enqueue(project, { type: 'plain', payload });
        const json: unknown = JSON.parse(JSON.stringify(payload));
        expect((await getJob(project, id)).payload).toEqual(json);
      }),
      { numRuns: 50 },
    );
  });

  it('is one of many, in their order', async () => {
    const project = await open();
    const requests = Array.from({ length: 7 }, (_, index) => ({
      type: index % 2 ? 'plain' : 'report',
      payload: index,
    }));
    const stored = await enqueueMany(project, requests);
    expect(stored.map(({ queue }) => queue)).toEqual(
      requests.map(({ type }) => (type === 'report' ? 'reports' : 'default')),
    );
    const jobs = await Promise.all(stored.map(({ id }) => getJob(project, id)));
    expect(jobs.map(({ payload }) => payload)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('may be for handlers that live elsewhere', async () => {
    const project = await open();
    const request = { type: 'elsewhere', options: { queue: 'far' }, allowUnknown: true };
    expect(await enqueue(project, request)).toMatchObject({ queue: 'far', created: true });
  });
});

describe('what is refused stores nothing', () => {
  it.each<[string, object, object]>([
    ['an unknown type', { type: 'gret' }, { code: 'UNKNOWN_TYPE', hint: 'Did you mean "greet"?' }],
    ['a type of the prototype', { type: 'constructor' }, { code: 'UNKNOWN_TYPE' }],
    ['a type that leads out', { type: '../greet' }, { code: 'USAGE' }],
    ['no type', { type: undefined }, { code: 'USAGE' }],
    ['a type that is no text', { type: 7 }, { code: 'USAGE' }],
    ['a type that is no text, for elsewhere', { type: { a: 1 }, allowUnknown: true }, { code: 'USAGE' }],
    ['a wrong payload', { type: 'greet', payload: { name: 5 } }, { code: 'INVALID_PAYLOAD', httpStatus: 422 }],
    ['no payload where one is needed', { type: 'greet' }, { code: 'INVALID_PAYLOAD' }],
    ['a null where an object is needed', { type: 'greet', payload: null }, { code: 'INVALID_PAYLOAD' }],
    [
      'a payload that is a function',
      { type: 'plain', payload: () => 1 },
      { code: 'USAGE', message: 'Expected the payload to be JSON, got a function' },
    ],
    ['a payload with a bigint', { type: 'plain', payload: { n: 1n } }, { code: 'USAGE' }],
    ['a wrong option', { type: 'plain', options: { attempts: 0 } }, { code: 'USAGE' }],
    [
      'an unknown queue',
      { type: 'plain', options: { queue: 'reprots' } },
      { code: 'UNKNOWN_QUEUE', hint: 'Did you mean "reports"?' },
    ],
    [
      'a queue nobody works on',
      { type: 'plain', options: { queue: 'zzz' } },
      { code: 'UNKNOWN_QUEUE', hint: expect.stringMatching(/Queues: .*default/) as string },
    ],
  ])('%s', async (_name, request, error) => {
    const project = await open();
    expect(await refusal(() => enqueue(project, request as EnqueueRequest))).toMatchObject(error);
  });

  it('a payload that holds itself', async () => {
    const project = await open();
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(await refusal(() => enqueue(project, { type: 'plain', payload: circle }))).toMatchObject({ code: 'USAGE' });
  });

  it('a broken handler', async () => {
    const project = await open({ handlers: { broken: { run: 5 } as never } });
    expect(await refusal(() => enqueue(project, { type: 'broken' }))).toMatchObject({ code: 'HANDLER_BROKEN' });
  });

  it('all of many when one of them is wrong', async () => {
    const project = await open();
    const requests = [{ type: 'plain' }, { type: 'greet', payload: {} }, { type: 'plain' }];
    expect(await refusal(() => enqueueMany(project, requests))).toMatchObject({
      code: 'INVALID_PAYLOAD',
      message: expect.stringMatching(/^Job 2 of 3: The payload of greet was refused: name: /) as string,
    });
  });

  it('more than a queue may hold, counting those that come together', async () => {
    const project = await open({ config: { queues: { small: { maxDepth: 3 } } } });
    const request = (delay = 0) => ({ type: 'plain', options: { queue: 'small', delay } });
    await enqueueMany(project, [request(), request(60_000)]);
    expect(await refusal(() => enqueueMany(project, [request(), request()]))).toMatchObject({
      code: 'QUEUE_FULL',
      httpStatus: 429,
      message: 'Queue small is full: 2 jobs wait, 3 may',
    });
    await enqueue(project, request());
    expect(await refusal(() => enqueue(project, request()))).toMatchObject({ code: 'QUEUE_FULL' });
    await enqueue(project, { type: 'plain' });
  });
});

const FORGET_JOB = `
for _, part in ipairs({'wait'}) do redis.call('LREM', 'bull:default:' .. part, 0, ARGV[1]) end
for _, part in ipairs({'delayed', 'prioritized'}) do redis.call('ZREM', 'bull:default:' .. part, ARGV[1]) end
redis.call('DEL', 'bull:default:' .. ARGV[1])`;

describe('an idempotency key', () => {
  const keyed = (payload: unknown = 1, id = 'order 7: “paid”') => ({ type: 'plain', payload, options: { id } });

  it('makes one job of the same request again, in whatever order its keys stand', async () => {
    const project = await open();
    const first = await enqueue(project, keyed({ a: 1, b: [2] }));
    expect(first).toMatchObject({ id: expect.stringMatching(/^i_[\w-]{43}$/) as string, created: true });
    expect(await enqueue(project, keyed({ b: [2], a: 1 }))).toEqual({ ...first, created: false });
    expect(await redis.call('LLEN', 'bull:default:wait')).toBe(1);
  });

  it('is another one in another queue', async () => {
    const project = await open({ config: { queues: { other: {} } } });
    const { id } = await enqueue(project, keyed());
    const elsewhere = await enqueue(project, {
      type: 'plain',
      payload: 1,
      options: { id: 'order 7: “paid”', queue: 'other' },
    });
    expect(elsewhere.created).toBe(true);
    expect(elsewhere.id).not.toBe(id);
  });

  it.each<[string, EnqueueRequest]>([
    ['payload', keyed(2)],
    ['type', { ...keyed(), type: 'other' }],
    ['options', { ...keyed(), options: { ...keyed().options, priority: 1 } }],
  ])('is refused for another %s', async (_name, request) => {
    const project = await open({ handlers: { other: () => 1 } });
    await enqueue(project, keyed());
    await enqueue(project, request).then(
      () => expect.unreachable(),
      (error: unknown) => expect(error).toMatchObject({ code: 'KEY_REUSED', httpStatus: 422 }),
    );
    expect(await redis.call('LLEN', 'bull:default:wait')).toBe(1);
  });

  it('is refused before any of those that come with it is stored', async () => {
    const project = await open();
    await enqueue(project, keyed());
    expect(await refusal(() => enqueueMany(project, [{ type: 'plain' }, keyed(2)]))).toMatchObject({
      code: 'KEY_REUSED',
    });
    expect(await refusal(() => enqueueMany(project, [keyed(1, 'new'), keyed(2, 'new')]))).toMatchObject({
      code: 'KEY_REUSED',
    });
  });

  it('makes one job of many at once, and one of the callers made it', async () => {
    const project = await open();
    const answers = await Promise.all(Array.from({ length: 20 }, () => enqueue(project, keyed())));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect(await redis.call('LLEN', 'bull:default:wait')).toBe(1);
  });

  it('makes one job of several in one call', async () => {
    const project = await open();
    const answers = await enqueueMany(project, [keyed(), keyed(), { type: 'plain' }]);
    expect(answers[0]!.id).toBe(answers[1]!.id);
    expect(await redis.call('LLEN', 'bull:default:wait')).toBe(2);
  });

  const DAY = 86_400_000;
  const useOf = (id: string) => `jq:bull:key:{default}:${id}`;
  /** The job goes, as completed ones do in time and others when somebody deletes them. */
  const forgetJob = (id: string) => redis.call('EVAL', FORGET_JOB, 0, id);
  /** Its time is over. */
  const forgetKey = (id: string) => redis.call('DEL', useOf(id));
  const answerOf = async (call: Promise<Enqueued>): Promise<string> =>
    call.then(
      ({ id, created }) => `${created ? 'made' : 'known'} ${id}`,
      (error: JobQueueError) => error.code,
    );

  it('holds for a day after it was given, also when its job is gone', async () => {
    const project = await open();
    const first = await enqueue(project, keyed());
    await forgetJob(first.id);
    const empty = await readKeyspace(redis, 'bull:default:*');
    expect(await enqueue(project, keyed())).toEqual({ ...first, created: false });
    expect(await answerOf(enqueue(project, keyed(2)))).toBe('KEY_REUSED');
    expect(await readKeyspace(redis, 'bull:default:*')).toEqual(empty);
    const timeToLive = (await redis.call('PTTL', useOf(first.id))) as number;
    expect([timeToLive > DAY - 60_000, timeToLive <= DAY]).toEqual([true, true]);
  });

  it('holds for as long as its job is kept, when that is longer', async () => {
    const project = await open();
    const first = await enqueue(project, keyed());
    await forgetKey(first.id);
    expect(await enqueue(project, keyed())).toEqual({ ...first, created: false });
    expect(await answerOf(enqueue(project, keyed(2)))).toBe('KEY_REUSED');
    expect(await redis.call('LLEN', 'bull:default:wait')).toBe(1);
  });

  it('makes another job when both are gone', async () => {
    const project = await open();
    const first = await enqueue(project, keyed());
    await forgetJob(first.id);
    await forgetKey(first.id);
    expect(await enqueue(project, keyed(2))).toEqual(first);
  });

  it.each(['delay', 'priority'] as const)('holds for a job with a %s too', async (option) => {
    const project = await open();
    const request = { ...keyed(), options: { ...keyed().options, [option]: 1000 } };
    const first = await enqueue(project, request);
    await forgetJob(first.id);
    expect(await enqueue(project, request)).toEqual({ ...first, created: false });
  });

  it('is not used up by a call whose answer was lost: sent again, it has made its job', async () => {
    const project = await open();
    const job = await prepareJob(project, keyed());
    const [first] = await storeJobs(project, [job]);
    expect(first!.created).toBe(true);
    expect(await storeJobs(project, [job])).toEqual([first]);
    expect(await redis.call('LLEN', 'bull:default:wait')).toBe(1);
  });

  it('answers as one would who remembers every key, whatever happens to jobs and in whatever order', async () => {
    const project = await open();
    const step = fc.record({
      what: fc.constantFrom('enqueue', 'enqueue', 'enqueue', 'forget-job', 'forget-key'),
      key: fc.constantFrom('a', 'b'),
      payload: fc.constantFrom(1, 2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await redis.call('FLUSHALL');
        const model = new Map<string, { payload: number; job: boolean; remembered: boolean }>();
        for (const { what, key, payload } of steps) {
          const { id } = await prepareJob(project, keyed(payload, key));
          const known = model.get(key);
          const holds = known?.job || known?.remembered;
          const answer = !holds ? `made ${id}` : known!.payload === payload ? `known ${id}` : 'KEY_REUSED';
          const acts = {
            enqueue: () => answerOf(enqueue(project, keyed(payload, key))),
            'forget-job': () => forgetJob(id).then(() => answer),
            'forget-key': () => forgetKey(id).then(() => answer),
          };
          expect(await acts[what]()).toBe(answer);
          if (what === 'enqueue' && !holds) model.set(key, { payload, job: true, remembered: true });
          if (what === 'forget-job' && known) known.job = false;
          if (what === 'forget-key' && known) known.remembered = false;
          expect(await redis.call('LLEN', 'bull:default:wait')).toBe(
            [...model.values()].filter(({ job }) => job).length,
          );
        }
      }),
      { numRuns: 40 },
    );
  });

  it('goes to one of those who race for it, in whatever process, and the others hear of its job or are refused', async () => {
    const cwd = await folderOf({ 'handlers/plain.mjs': 'export default () => 1;' });
    const env = { JQ_REDIS_URL: server.url };
    const words = ['enqueue', 'plain', '--id', 'raced', '--json', '--payload'];
    const runs = await Promise.all([1, 1, 2, 2].map((payload) => runJq([...words, `${payload}`], { cwd, env })));
    const texts = runs.map(({ stdout, stderr }) => stdout || stderr);
    const answers = texts.map(
      (text) => JSON.parse(text) as { id?: string; created?: boolean; error?: { code: string } },
    );
    expect(answers.map(({ created, error }) => String(error?.code ?? created)).toSorted()).toEqual([
      'KEY_REUSED',
      'KEY_REUSED',
      'false',
      'true',
    ]);
    expect(new Set(answers.flatMap(({ id }) => id ?? [])).size).toBe(1);
    expect(await redis.call('LLEN', 'bull:default:wait')).toBe(1);
  });

  it('goes to one of those who race for it in one process, too, with different jobs', async () => {
    const project = await open();
    const answers = await Promise.all([1, 2, 3, 4, 1, 2].map((payload) => answerOf(enqueue(project, keyed(payload)))));
    expect(answers.filter((answer) => answer.startsWith('made'))).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'KEY_REUSED').length).toBeGreaterThanOrEqual(4);
    expect(await redis.call('LLEN', 'bull:default:wait')).toBe(1);
  });

  it('costs one round trip more than a job without one', async () => {
    const project = await open();
    const trips = async (request: EnqueueRequest): Promise<number> => {
      let count = 0;
      const { call, pipeline } = project.broker.redis;
      const counting: Redis = {
        ...project.broker.redis,
        call: (...command) => ((count += 1), call(...command)),
        pipeline: (commands) => ((count += 1), pipeline(commands)),
      };
      // What is known of queues is known by their keys.
      const { broker } = project;
      await enqueue({ ...project, broker: { ...broker, redis: counting, keys: { ...broker.keys } } }, request);
      return count;
    };
    // So that Redis knows the scripts.
    await enqueueMany(project, [keyed(1, 'first'), { type: 'plain' }]);
    for (const request of [keyed(1, 'second'), { type: 'plain' }]) await enqueue(project, request);
    expect([await trips({ type: 'plain' }), await trips(keyed()), await trips(keyed())]).toEqual([1, 2, 2]);
  });

  it('still finds its job in a queue that has become full', async () => {
    const project = await open({ config: { queues: { default: { maxDepth: 1 } } } });
    const { id } = await enqueue(project, keyed());
    expect(await enqueue(project, keyed())).toMatchObject({ id, created: false });
  });
});

describe('deduplication', () => {
  it('gives the first job back while that one waits', async () => {
    const project = await open();
    const first = await enqueue(project, { type: 'plain', payload: 1, options: { dedupe: 'user 7' } });
    const second = await enqueue(project, {
      type: 'plain',
      payload: 2,
      options: { dedupe: { key: 'user 7', ttl: '1h' } },
    });
    expect(second).toEqual({ ...first, created: false });
    const other = await enqueue(project, { type: 'plain', options: { dedupe: 'user 8' } });
    expect(other.created).toBe(true);
    expect(await redis.call('LLEN', 'bull:default:wait')).toBe(2);
  });

  it('puts no text of anybody into the names of keys', async () => {
    const project = await open();
    await enqueue(project, { type: 'plain', options: { dedupe: '*:{x}\n wait' } });
    expect(await redis.call('KEYS', 'bull:default:de:*')).toEqual([
      expect.stringMatching(/^bull:default:de:[\w-]{43}$/),
    ]);
  });

  it('together with an idempotency key says honestly that no job was made', async () => {
    const project = await open();
    const first = await enqueue(project, { type: 'plain', options: { dedupe: 'user 7' } });
    const second = await enqueue(project, { type: 'plain', options: { dedupe: 'user 7', id: 'order 7' } });
    expect(second).toEqual({ ...first, created: false });
  });
});
