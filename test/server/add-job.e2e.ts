import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../src/jobs/job.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let redis: TestRedis;
let server: TestServer;

beforeAll(async () => {
  redis = await startRedis();
  server = await startTestServer(redis.url, {
    queues: { mail: { concurrency: 1 }, tiny: { maxDepth: 1 } },
    server: { bodyLimit: '4kb' },
  });
});

afterAll(async () => {
  await server.stop();
  await redis.stop();
});

const storedJobs = async (): Promise<number> => (await server.call<{ total: number }>('GET', '/api/jobs')).body.total;

describe.each(['/api/jobs', '/jobs'])('POST %s', (route) => {
  it('stores a job and answers 201 with it and its place', async () => {
    const answer = await server.call<Job>('POST', route, { type: 'greet', payload: { name: 'Ada' } });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/api/jobs/${answer.body.id}`);
    expect(answer.body).toMatchObject({
      type: 'greet',
      queue: 'default',
      payload: { name: 'Ada' },
      status: 'pending',
      state: 'waiting',
      attempts: 0,
      maxAttempts: 5,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
    });
    const found = await server.call<Job>('GET', answer.headers.get('location')!);
    expect(found.body).toEqual(answer.body);
  });
});

describe('#7 job options', () => {
  it('takes every option of the white list', async () => {
    const options = {
      queue: 'mail',
      delay: '1h',
      priority: 3,
      attempts: 7,
      backoff: { type: 'fixed', delay: 100, jitter: 0 },
      timeout: '30s',
      expiresIn: '2h',
      dedupe: { key: 'once', ttl: '1h' },
    };
    const { status, body } = await server.call<Job>('POST', '/api/jobs', {
      type: 'anything',
      payload: [null],
      options,
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      queue: 'mail',
      state: 'delayed',
      status: 'pending',
      priority: 3,
      maxAttempts: 7,
      payload: [null],
    });
    expect(new Date(body.nextRunAt!).getTime() - new Date(body.createdAt).getTime()).toBe(3_600_000);
  });

  it('takes a time to start at', async () => {
    const { body } = await server.call<Job>('POST', '/api/jobs', {
      type: 'anything',
      payload: 1,
      options: { at: '2040-01-31T09:00:00+01:00' },
    });
    expect(body.nextRunAt).toBe('2040-01-31T08:00:00.000Z');
  });

  it('answers a deduplicated job with the first one and 200', async () => {
    const request = { type: 'anything', payload: 1, options: { dedupe: 'same' } };
    const first = await server.call<Job>('POST', '/api/jobs', request);
    const second = await server.call<Job>('POST', '/api/jobs', { ...request, payload: 2 });
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body).toEqual(first.body);
  });

  it.each([
    'repeat',
    'parent',
    'removeOnFail',
    'removeOnComplete',
    'jobId',
    'id',
    'telemetry',
    'lifo',
    'sizeLimit',
    'keepLogs',
  ])('refuses %s, which is not on the white list, by its name', async (name) => {
    const before = await storedJobs();
    const { status, body } = await server.call('POST', '/api/jobs', {
      type: 'anything',
      payload: {},
      options: { [name]: true },
    });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'USAGE', message: `Unknown field "options.${name}" in the body` });
    expect(await storedJobs()).toBe(before);
  });

  it.each([
    [{ queue: 'no spaces' }, 'options.queue'],
    [{ delay: 'soon' }, 'options.delay'],
    [{ delay: -1 }, 'options.delay'],
    [{ delay: '5m', at: '2040-01-31T09:00:00Z' }, 'at'],
    [{ at: 'tomorrow' }, 'options.at'],
    [{ priority: '3' }, 'options.priority'],
    [{ priority: 2_097_152 }, 'options.priority'],
    [{ attempts: 0 }, 'options.attempts'],
    [{ attempts: 1.5 }, 'options.attempts'],
    [{ attempts: '5' }, 'options.attempts'],
    [{ backoff: '2s' }, 'options.backoff'],
    [{ backoff: { type: 'linear', delay: 1 } }, 'options.backoff.type'],
    [{ backoff: { type: 'fixed' } }, 'options.backoff.delay'],
    [{ backoff: { type: 'fixed', delay: 1, jitter: 2 } }, 'options.backoff.jitter'],
    [{ timeout: true }, 'options.timeout'],
    [{ timeout: 0 }, 'timeout'],
    [{ expiresIn: null }, 'options.expiresIn'],
    [{ dedupe: '' }, 'options.dedupe'],
    [{ dedupe: { ttl: '1h' } }, 'options.dedupe.key'],
    [{ dedupe: 'x'.repeat(256) }, 'options.dedupe'],
  ])('refuses %j and says which field', async (options, field) => {
    const before = await storedJobs();
    const { status, body } = await server.call('POST', '/api/jobs', { type: 'anything', payload: {}, options });
    expect(status).toBe(400);
    expect(body.error.code).toBe('USAGE');
    expect(body.error.message).toContain(field);
    expect(body.error.message).toMatch(/^Expected/);
    expect(await storedJobs()).toBe(before);
  });
});

describe('a body that is not a job', () => {
  it.each([
    ['', 'INVALID_JSON', 'it is empty at line 1, column 1'],
    ['{', 'INVALID_JSON', 'at line 1, column 2'],
    ['{\n  "type": "greet",\n  "payload": oops\n}', 'INVALID_JSON', 'at line 3, column 14'],
    ['{"type": "greet", "payload": {},}', 'INVALID_JSON', 'line 1'],
    ['[]', 'USAGE', 'Expected the body to be a JSON object such as {"type": "send-email", "payload": {}}, got a list'],
    ['"greet"', 'USAGE', 'Expected the body to be a JSON object'],
    ['null', 'USAGE', 'Expected the body to be a JSON object'],
    [
      '{"payload": {}}',
      'USAGE',
      'Expected "type" in the body to be the type of a handler, such as "send-email", got nothing',
    ],
    [
      '{"type": 7, "payload": {}}',
      'USAGE',
      'Expected "type" in the body to be the type of a handler, such as "send-email", got 7',
    ],
    ['{"type": "", "payload": {}}', 'USAGE', '"type"'],
    ['{"type": "greet"}', 'USAGE', 'Expected "payload" in the body'],
    ['{"type": "greet", "payload": {}, "option": {}}', 'USAGE', 'Unknown field "option" in the body'],
    [
      '{"type": "greet", "payload": {}, "options": []}',
      'USAGE',
      'Expected "options" in the body to be an object of job options, got a list',
    ],
  ])('%s', async (text, code, message) => {
    const before = await storedJobs();
    const { status, body } = await server.call('POST', '/api/jobs', text);
    expect(status).toBe(400);
    expect(body.error.code).toBe(code);
    expect(body.error.message).toContain(message);
    expect(await storedJobs()).toBe(before);
  });

  it('refuses a query: whoever asks for something there would get something else', async () => {
    const before = await storedJobs();
    const { status, body } = await server.call('POST', '/api/jobs?wait=5s', { type: 'greet', payload: {} });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'USAGE', message: 'Unknown field "wait" in the query' });
    expect(await storedJobs()).toBe(before);
    expect((await server.call('GET', '/livez?from=balancer')).status).toBe(200);
  });

  it('suggests the name that was meant and gives the place of a fault as data', async () => {
    const typo = await server.call('POST', '/api/jobs', { type: 'greet', paylod: {} });
    const other = await server.call('POST', '/api/jobs', { type: 'greet', payload: {}, optoins: {} });
    expect(other.body.error).toMatchObject({ hint: 'Did you mean "options"?', details: [{ path: 'optoins' }] });
    expect(typo.body.error).toMatchObject({
      hint: 'Did you mean "payload" by "paylod"?',
      details: [{ path: 'payload' }],
    });
    const broken = await server.call('POST', '/api/jobs', '{"a":1,\n}');
    expect(broken.body.error.details).toMatchObject({ line: 2, column: 1 });
  });

  it('refuses a request without any body', async () => {
    const response = await fetch(`${server.url}/api/jobs`, { method: 'POST' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 'USAGE', message: expect.stringContaining('got nothing') as string },
    });
  });
});

describe('what the handler says', () => {
  it('answers 422 with the fields that its schema refused, and stores nothing', async () => {
    const before = await storedJobs();
    const { status, body } = await server.call('POST', '/api/jobs', { type: 'greet', payload: { name: 7 } });
    expect(status).toBe(422);
    expect(body.error).toMatchObject({
      code: 'INVALID_PAYLOAD',
      details: [{ path: 'name', message: 'expected a text' }],
    });
    expect(await storedJobs()).toBe(before);
  });

  it('answers 400 to a type without a handler, with the nearest name', async () => {
    const { status, body } = await server.call('POST', '/api/jobs', { type: 'gret', payload: {} });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'UNKNOWN_TYPE', hint: 'Did you mean "greet"?' });
  });

  it('answers 404 to a queue that nobody works on', async () => {
    const { status, body } = await server.call('POST', '/api/jobs', {
      type: 'anything',
      payload: 1,
      options: { queue: 'mai' },
    });
    expect(status).toBe(404);
    expect(body.error).toMatchObject({ code: 'UNKNOWN_QUEUE', hint: 'Did you mean "mail"?' });
  });
});

describe('Idempotency-Key', () => {
  const send = (key: string, body: unknown) =>
    server.call<Job & ErrorAnswer>('POST', '/api/jobs', body, { 'idempotency-key': key });
  type ErrorAnswer = { error: { code: string } };

  it('answers the same request with the same job: 201, then 200', async () => {
    const first = await send('order-1', { type: 'greet', payload: { name: 'Ada' } });
    const again = await send('order-1', { payload: { name: 'Ada' }, type: 'greet' });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('location')).toBe(`/api/jobs/${first.body.id}`);
  });

  it('makes one job of many requests at once', async () => {
    const before = await storedJobs();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => send('order-2', { type: 'greet', payload: { name: 'Ada' } })),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(await storedJobs()).toBe(before + 1);
  });

  it('answers 422 to another body under the same key', async () => {
    await send('order-3', { type: 'greet', payload: { name: 'Ada' } });
    const { status, body } = await send('order-3', { type: 'greet', payload: { name: 'Grace' } });
    expect(status).toBe(422);
    expect(body.error.code).toBe('KEY_REUSED');
  });

  it.each(['', 'two words', 'x'.repeat(256), 'é'])('refuses the key "%s"', async (key) => {
    const { status, body } = await send(key, { type: 'greet', payload: { name: 'Ada' } });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'USAGE', message: expect.stringContaining('idempotency-key') as string });
  });
});

describe('limits', () => {
  it('answers 429 with Retry-After when the queue is full', async () => {
    const request = { type: 'anything', payload: 1, options: { queue: 'tiny' } };
    expect((await server.call('POST', '/api/jobs', request)).status).toBe(201);
    const { status, headers, body } = await server.call('POST', '/api/jobs', request);
    expect(status).toBe(429);
    expect(headers.get('retry-after')).toBe('2');
    expect(body.error.code).toBe('QUEUE_FULL');
  });

  it('answers 413 to a body over the limit, also when its length is not announced', async () => {
    const big = JSON.stringify({ type: 'anything', payload: 'x'.repeat(5000) });
    const announced = await server.call('POST', '/api/jobs', big);
    expect(announced.status).toBe(413);
    expect(announced.body.error).toMatchObject({ code: 'BODY_TOO_LARGE', message: 'Expected a body of at most 4.0kb' });

    const chunked = await fetch(`${server.url}/api/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob([big]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(chunked.status).toBe(413);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    'application/json\ta',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'application/merge-patch+json',
    'json',
    '',
  ])('#10 answers 415 to the content type "%s"', async (type) => {
    const { status, body } = await server.call(
      'POST',
      '/api/jobs',
      { type: 'anything', payload: 1 },
      { 'content-type': type },
    );
    expect(status).toBe(415);
    expect(body.error).toMatchObject({
      code: 'UNSUPPORTED_MEDIA',
      hint: 'Send the header Content-Type: application/json',
    });
  });

  it.each([
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'Application/JSON',
    'application/json;',
  ])('takes the content type "%s"', async (type) => {
    const { status } = await server.call(
      'POST',
      '/api/jobs',
      { type: 'anything', payload: 1 },
      { 'content-type': type },
    );
    expect(status).toBe(201);
  });

  it('#10 answers 415 to a compressed body', async () => {
    const { status } = await server.call(
      'POST',
      '/api/jobs',
      { type: 'anything', payload: 1 },
      { 'content-encoding': 'gzip' },
    );
    expect(status).toBe(415);
  });
});
