import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest';
import { readDescription } from '../helpers/api-description.ts';
import { type PlainWorker, startPlainWorker } from '../helpers/plain-worker.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { startJq } from '../helpers/run-jq.ts';
import { createProjectFolder } from '../server/test-server.ts';
import { type Memory, measureMemory } from './memory.ts';
import { type OddRequest, oddRequest } from './odd-requests.ts';
import { send } from './send.ts';

/** The long form is `npm run fuzz`. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 400);
const isLong = RUNS >= 5000;
const ROUNDS = 10;
const MEGABYTE = 1024 * 1024;
/** What it takes on a busy machine. */
const PATIENCE_MS = 60_000 + RUNS * 50;

let redis: TestRedis;
let project: Awaited<ReturnType<typeof createProjectFolder>>;
let workers: PlainWorker[];

beforeAll(async () => {
  redis = await startRedis();
  project = await createProjectFolder({ queues: { mail: {}, busy: {}, still: {} } });
  workers = ['mail', 'busy'].map((queue) => startPlainWorker(redis, queue));
  // Jobs of the one end at once, those of the other never.
  workers[0]!.release();
});

afterAll(async () => {
  workers[1]!.release();
  await Promise.all(workers.map((worker) => worker.stop()));
  await redis.stop();
  await project.remove();
});

it(
  `answers ${RUNS} odd requests as its description says, and holds no more memory for it`,
  { timeout: PATIENCE_MS },
  async () => {
    const server = startJq(['serve', '--port', '0', '--redis', redis.url], {
      cwd: project.folder,
      env: { NODE_OPTIONS: '--inspect=127.0.0.1:0' },
      lifeMs: PATIENCE_MS,
    });
    // Requests before the last one may have done it.
    onTestFailed(() => {
      process.stderr.write(`The server said last: ${server.said().slice(-3000)}\n`);
    });
    const inspector = (await server.says(/ws:\/\/\S+/))[0];
    const url = (await server.says(/^http:\/\/\S+/m))[0];
    const api = readDescription(await (await fetch(`${url}/openapi.json`)).text());
    const statuses = new Map(api.operations.map(({ operationId }) => [operationId, new Set<number>()]));

    async function expectDescribed(request: OddRequest): Promise<void> {
      const operation = api.operations.find(({ operationId }) => operationId === request.operation)!;
      const answer = await send(url, request);
      // Of other methods nothing is said but that they fail well.
      const isDescribed = request.method === operation.method;
      if (isDescribed) statuses.get(request.operation)!.add(answer.status);
      expect(isDescribed ? api.faultOf(operation, answer) : undefined).toBeUndefined();
      expect([500, 501, 502, 504]).not.toContain(answer.status);
    }

    const memory: Memory[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const words = await makeJobs(url);
      await fc.assert(
        fc.asyncProperty(oddRequest(api.operations, words), expectDescribed),
        // Each round goes on from where the one before it ended.
        { numRuns: RUNS / ROUNDS, seed: fc.readConfigureGlobal().seed! + round },
      );
      memory.push(await measureMemory(inspector));
    }
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect(server.said()).not.toMatch(/"level":"(error|fatal)"/);

    const megabytes = memory.map(({ heap, rss }) => `${(heap / MEGABYTE).toFixed(1)}/${(rss / MEGABYTE).toFixed(0)}`);
    // The first rounds load what is loaded once.
    const [warm, end] = [memory[ROUNDS / 2]!, memory.at(-1)!];
    expect(end.heap - warm.heap, megabytes.join(' ')).toBeLessThan(3 * MEGABYTE);
    expect(end.rss - warm.rss, megabytes.join(' ')).toBeLessThan(40 * MEGABYTE);
    if (!isLong) return;

    process.stderr.write(`heap/rss in MB after each round: ${megabytes.join(' ')}\n`);
    for (const [name, seen] of statuses) process.stderr.write(`${name}: ${[...seen].toSorted().join(' ')}\n`);
    // Were all requests refused at the door, nothing behind it would have been tried.
    for (const [name, seen] of statuses) expect(Math.min(...seen), name).toBeLessThan(300);
  },
);

/** Ids of jobs in every state, since what is asked for may have removed those before. */
async function makeJobs(url: string): Promise<string[]> {
  const post = async (path: string, body?: object): Promise<{ id: string }> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) ?? null });
    return (await response.json()) as { id: string };
  };
  const add = async (payload: unknown, options: object, type = 'anything'): Promise<string> =>
    (await post('/api/jobs', { type, payload, options })).id;

  for (const queue of ['mail', 'busy', 'still']) await post(`/api/queues/${queue}/resume`);
  const ended = [await add(1, { queue: 'mail' }), await add('fail', { queue: 'mail', attempts: 1 })];
  for (const id of ended) await fetch(`${url}/api/jobs/${id}?wait=20s`);
  const others = [{ queue: 'busy' }, {}, { delay: '1h' }, { priority: 1 }];
  const greeting = await add({ name: 'Ada' }, { queue: 'still' }, 'greet');
  return [...ended, greeting, ...(await Promise.all(others.map((options) => add(1, options))))];
}
