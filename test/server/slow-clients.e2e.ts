import net from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Job } from '../../src/jobs/job.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { startTestServer, statusOf, type TestServer } from './test-server.ts';

let redis: TestRedis;
let server: TestServer;

beforeAll(async () => {
  redis = await startRedis();
  server = await startTestServer(redis.url);
});

afterAll(async () => {
  await server.stop();
  await redis.stop();
});

/** Sends `start`, then `more` every second until the server closes; returns what came back. */
async function sendSlowly(start: string, more: string): Promise<string> {
  const socket = net.connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined).write(start);
  const drip = setInterval(() => socket.write(more), 1000);
  try {
    return await text(socket);
  } finally {
    clearInterval(drip);
  }
}

it(
  '#12 cuts five hundred who never end, while it serves the others and holds a wait for longer than that',
  { timeout: 90_000 },
  async () => {
    const { body: job } = await server.call<Job>('POST', '/api/jobs', { type: 'greet', payload: { name: 'Ada' } });
    const head = 'POST /api/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';

    const slowHeaders = Array.from({ length: 250 }, () => sendSlowly(`${head}x-slow: `, 'x'));
    const slowBodies = Array.from({ length: 250 }, () => sendSlowly(`${head}content-length: 1000\r\n\r\n`, 'x'));
    const silent = sendSlowly('', '');
    const waiting = server.call<Job>('GET', `/api/jobs/${job.id}?wait=18s`);
    const cut = Promise.all([...slowHeaders, ...slowBodies, silent]);

    // The normal client comes again and again until the slow ones are gone.
    let isCut = false;
    void cut.then(() => (isCut = true));
    await expect
      .poll(async () => [(await server.call('GET', '/health')).status, isCut], { interval: 50, timeout: 70_000 })
      .toEqual([200, true]);

    const answers = await cut;
    expect(answers.map(statusOf)).toEqual(answers.map(() => 408));
    expect(answers[0]).toContain('"code":"REQUEST_TOO_SLOW"');
    const { status, body } = await waiting;
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: job.id, status: 'pending' });
  },
);
