import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AuditEntry, listAudit } from '../../src/jobs/audit.ts';
import { removeDeadLetters, replayDeadLetters } from '../../src/jobs/dead-letters.ts';
import { onBehalfOf } from '../../src/jobs/caller.ts';
import { removeJob, retryJob } from '../../src/jobs/change-jobs.ts';
import type { Job } from '../../src/jobs/job.ts';
import { ROUTES } from '../../src/server/routes.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let redis: TestRedis;
let server: TestServer;
let headers: { authorization: string };

beforeAll(async () => {
  redis = await startRedis();
  server = await startTestServer(redis.url);
  headers = await server.key('admin', { name: 'boss' });
  // Within a second: until then everybody may do everything.
  await vi.waitUntil(async () => (await server.call('GET', '/api/jobs')).status === 401, { timeout: 20_000 });
});

afterAll(async () => {
  await server.stop();
  await redis.stop();
});

const add = async (): Promise<string> =>
  (await server.call<Job>('POST', '/api/jobs', { type: 'anything', payload: 'canary' }, headers)).body.id;

/** A job that failed for good, as BullMQ leaves one. */
async function bury(): Promise<string> {
  const id = await add();
  const { redis: connection, keys } = server.project.broker;
  await connection.call('LREM', keys.queue('default', 'wait'), 1, id);
  // A while ago: the clock of Redis, which bounds a replay, is not exactly ours.
  const diedAt = Date.now() - 1000;
  await connection.call('HSET', keys.job('default', id), 'failedReason', 'canary', 'finishedOn', diedAt);
  await connection.call('ZADD', keys.queue('default', 'failed'), diedAt, id);
  return id;
}

/** A request for each row of the route table that changes something: its parameters, its body, and what it is said to do. */
const CHANGES: Record<string, { params?: () => Promise<string>; body?: unknown; what: AuditEntry['what'] }> = {
  'POST /api/jobs/:id/retry': { params: bury, what: 'retry' },
  'POST /api/jobs/:id/cancel': { params: add, what: 'cancel' },
  'POST /api/jobs/:id/promote': { params: add, what: 'promote' },
  'PATCH /api/jobs/:id': { params: add, body: { priority: 3 }, what: 'change' },
  'DELETE /api/jobs/:id': { params: add, what: 'remove' },
  'POST /api/dlq/replay': { body: { all: true }, what: 'replay' },
  'POST /api/queues/:name/pause': { params: async () => 'default', what: 'pause' },
  'POST /api/queues/:name/resume': { params: async () => 'default', what: 'resume' },
};

const CHANGING = ROUTES.filter(({ method, scope }) => method !== 'GET' && (scope === 'operate' || scope === 'admin'));

describe('#28 an action leaves a line, in Redis and in the log', () => {
  it('each row of the route table that changes something is tried here', () => {
    const names = CHANGING.map(({ method, url }) => `${method} ${url}`);
    expect(names.filter((name) => !Object.hasOwn(CHANGES, name))).toEqual([]);
  });

  it.each(CHANGING)('$method $url', async ({ method, url }) => {
    const { params, body, what } = CHANGES[`${method} ${url}`]!;
    await bury();
    const path = url.replace(/:\w+/, (await params?.()) ?? '');
    const answer = await server.call(method, path, body, headers);
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    const requestId = answer.headers.get('x-request-id')!;
    const [entry] = await listAudit(server.project, 1);
    expect(entry).toMatchObject({ who: 'key:boss', what, address: '127.0.0.1', requestId });
    expect(entry!.count).toBeGreaterThan(0);
    expect(server.log.find((line) => line.requestId === requestId && line.audit)).toMatchObject({ audit: entry });
  });

  const caller = { who: 'key:robot', address: '10.1.2.3', requestId: 'r1' };
  const robot = () => onBehalfOf(server.project, caller);
  const last = async (): Promise<AuditEntry> => (await listAudit(server.project, 1))[0]!;
  const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;

  it('whatever did it: a retry, a removal, a replay', async () => {
    const retried = await bury();
    await retryJob(robot(), retried);
    expect(await last()).toEqual({ at, ...caller, what: 'retry', count: 1, id: retried, queue: 'default' });
    const removed = await add();
    await removeJob(robot(), removed);
    expect(await last()).toEqual({ at, ...caller, what: 'remove', count: 1, id: removed, queue: 'default' });
    await bury();
    const { batch } = await replayDeadLetters(robot(), { error: 'canary' });
    const entry = await last();
    expect(entry).toMatchObject({ what: 'replay', id: batch, filter: { error: 'canary' } });
    expect(entry.count).toBeGreaterThan(0);
  });

  it('none when nothing was done', async () => {
    const before = await last();
    const id = await add();
    await expect(retryJob(robot(), id)).rejects.toMatchObject({ code: 'JOB_STATE' });
    await removeDeadLetters(robot(), { error: 'no such error' });
    expect(await last()).toEqual(before);
  });

  it('also of a replay that breaks in the middle', async () => {
    await bury();
    const failing = replayDeadLetters(
      robot(),
      {},
      {
        onProgress() {
          throw new Error('broken');
        },
      },
    );
    await expect(failing).rejects.toThrow('broken');
    expect(await last()).toMatchObject({ what: 'replay', count: 1 });
  });

  it('and when Redis cannot take it, what was done stays done, and the log has it', async () => {
    const id = await bury();
    const told: [AuditEntry, Error?][] = [];
    const { redis: connection, keys } = server.project.broker;
    await connection.call('RENAME', keys.audit, `${keys.audit}:aside`);
    await connection.call('SET', keys.audit, 'planted by another program');
    await removeJob(onBehalfOf(server.project, { ...caller, onAudit: (...line) => void told.push(line) }), id);
    await connection.call('RENAME', `${keys.audit}:aside`, keys.audit);
    expect(told).toEqual([[expect.objectContaining({ what: 'remove', id }), expect.any(Error)]]);
  });

  it('holds no payload', async () => {
    expect(JSON.stringify(await listAudit(server.project, 1000)).replaceAll('"error":"canary"', '')).not.toContain(
      'canary',
    );
  });
});
