import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../src/jobs/job.ts';
import { followJob } from '../../src/jobs/follow-job.ts';
import { MOST_STREAMS } from '../../src/server/event-routes.ts';
import { startPlainWorker } from '../helpers/plain-worker.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let redis: TestRedis;
let server: TestServer;

beforeAll(async () => {
  redis = await startRedis();
  server = await startTestServer(redis.url, { queues: { still: {} } });
});

afterAll(async () => {
  await server.stop();
  await redis.stop();
});

const add = async (payload: unknown = 1, options: object = {}): Promise<string> =>
  (await server.call<Job>('POST', '/api/jobs', { type: 'anything', payload, options })).body.id;

interface Event {
  event: string;
  id?: string;
  data: Job;
}

interface Stream {
  status: number;
  headers: Headers;
  /** The next event; `undefined` when the stream has ended. */
  next(): Promise<Event | undefined>;
  close(): void;
}

/** Reads events as a browser does. */
async function open(id: string, headers: Record<string, string> = {}, on = server): Promise<Stream> {
  const hangUp = new AbortController();
  const response = await fetch(`${on.url}/api/jobs/${id}/events`, { headers, signal: hangUp.signal });
  // From here on it is read: a response that nobody reads or holds would be cancelled.
  const text = response.body?.pipeThrough(new TextDecoderStream());
  const events = text && readEvents(text);
  return {
    status: response.status,
    headers: response.headers,
    next: async () => (await events!.next()).value as Event | undefined,
    close: () => hangUp.abort(),
  };
}

async function* readEvents(chunks: ReadableStream<string>): AsyncGenerator<Event> {
  let text = '';
  for await (const chunk of chunks) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
      if (fields.event) yield { ...fields, data: JSON.parse(fields.data!) as Job } as Event;
    }
  }
}

describe('GET /api/jobs/:id/events', () => {
  it('tells the state at once, every change, progress and the end, and ends', async () => {
    const id = await add();
    const stream = await open(id);
    expect(stream.status).toBe(200);
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    expect(await stream.next()).toMatchObject({ event: 'state', data: { id, status: 'pending' } });

    const told = Promise.withResolvers<void>();
    const worker = startPlainWorker(redis, 'default', async (job) => {
      await told.promise;
      await job.updateProgress(40);
    });
    expect(await stream.next()).toMatchObject({ event: 'state', data: { status: 'processing' } });
    told.resolve();
    expect(await stream.next()).toMatchObject({ event: 'progress', data: { id, progress: 40 } });
    worker.release();
    const end = await stream.next();
    expect(end).toMatchObject({
      event: 'completed',
      data: { id, status: 'completed', progress: 40, result: { got: 1 } },
    });
    expect(await stream.next()).toBeUndefined();
    await worker.stop();

    // Who comes later misses nothing; who has the end already is told not to come back.
    const late = await open(id);
    expect(await late.next()).toEqual(end);
    expect(await late.next()).toBeUndefined();
    expect((await open(id, { 'last-event-id': end!.id! })).status).toBe(204);
    expect((await open(id, { 'last-event-id': 'another' })).status).toBe(200);
  });

  it('tells of a job that dies and of one that is removed', async () => {
    const dies = await open(await add('fail', { attempts: 1 }));
    const worker = startPlainWorker(redis, 'default');
    worker.release();
    let event: Event | undefined;
    do event = await dies.next();
    while (event?.event === 'state');
    expect(event).toMatchObject({ event: 'failed', data: { status: 'failed', error: 'it broke' } });
    await worker.stop();

    const id = await add(1, { queue: 'still' });
    const removed = await open(id);
    await removed.next();
    await server.call('DELETE', `/api/jobs/${id}`);
    expect(await removed.next()).toEqual({ event: 'removed', data: { id } });
    expect(await removed.next()).toBeUndefined();
  });

  it('answers 404 to a job that is not there, and a HEAD at once', async () => {
    expect((await open('j_nothing')).status).toBe(404);
    const url = `${server.url}/api/jobs/${await add(1, { queue: 'still' })}/events`;
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  });

  it('keeps no more streams open than may be, and forgets those whose caller hung up', async () => {
    const id = await add(1, { queue: 'still' });
    const streams = await Promise.all(Array.from({ length: MOST_STREAMS }, () => open(id)));
    expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200));
    const refused = await open(id);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    expect((await server.call('GET', `/api/jobs/${id}`)).status).toBe(200);

    for (const stream of streams) stream.close();
    await expect
      .poll(async () => {
        const stream = await open(id);
        stream.close();
        return stream.status;
      })
      .toBe(200);
  });

  it('ends when the server stops, and when Redis goes away', async () => {
    const other = await startTestServer(redis.url, { queues: { still: {} } });
    const id = await add(1, { queue: 'still' });
    const stream = await open(id, {}, other);
    expect(await stream.next()).toMatchObject({ event: 'state' });
    await other.stop();
    expect(await stream.next()).toBeUndefined();

    const lost = await open(id);
    expect(await lost.next()).toMatchObject({ event: 'state' });
    await redis.kill();
    expect(await lost.next()).toBeUndefined();
    await redis.restart();
    await expect.poll(async () => (await open(id)).status).toBe(200);
  });
});

it('followJob says now and then that nothing has happened', async () => {
  const id = await add(1, { queue: 'still' });
  const over = new AbortController();
  const looks = followJob(server.project, id, { quietMs: 30, signal: over.signal });
  expect((await looks.next()).value).toMatchObject({ id });
  expect((await looks.next()).value).toBeNull();
  expect((await looks.next()).value).toBeNull();
  over.abort();
  expect((await looks.next()).done).toBe(true);
});
