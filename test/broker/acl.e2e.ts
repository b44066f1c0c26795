import fs from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { readAcl } from '../helpers/acl.ts';
import { exercise } from '../helpers/exercise.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';

const USERS = ['producer', 'worker', 'admin'] as const;

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis({ port: true });
  const file = `${redis.socketPath}.acl`;
  fs.writeFileSync(file, readAcl().replace('user default off', 'user default on nopass ~* &* +@all'));
  await redis.restart(['--aclfile', file]);
});
afterAll(() => redis.stop());

const urlOf = (user: string): string => redis.url.replace('://', `://${user}:change-me-${user}@`);

async function refusal(user: string, ...command: [string, ...string[]]): Promise<string> {
  const connection = await openQuickRedis(parseTarget(urlOf(user), 'test'));
  const reply = await connection.call(...command).catch((error: Error) => error);
  await connection.close();
  return reply instanceof Error ? reply.message : 'no refusal';
}

it('the three users of deploy/redis/users.acl may do what they need, and are refused nothing', async () => {
  const env = (user: string) => ({ JQ_REDIS_URL: urlOf(user) });
  await exercise({ producer: env('producer'), worker: env('worker'), admin: env('admin') });
  const root = await openQuickRedis(parseTarget(redis.url, 'test'));
  const log = (await root.call('ACL', 'LOG')) as string[][];
  await root.close();
  expect(log.map((entry) => entry.slice(0, 10).join(' '))).toEqual([]);
}, 60_000);

it.each(USERS)('%s may do nothing else', async (user) => {
  for (const command of [
    ['FLUSHALL'],
    ['KEYS', '*'],
    ['CONFIG', 'GET', '*'],
    ['ACL', 'LIST'],
    ['SHUTDOWN'],
    ['GET', 'other:key'],
  ]) {
    expect(await refusal(user, ...(command as [string])), command.join(' ')).toMatch(/this user may not do that/);
  }
  expect(await refusal(user, 'PUBLISH', 'other', 'x')).toMatch(/this user may not do that/);
});

it('a producer takes no jobs, and a worker looks for no queues', async () => {
  expect(await refusal('producer', 'BZPOPMIN', 'bull:mail:marker', '1')).toMatch(/may not/);
  expect(await refusal('worker', 'SCAN', '0')).toMatch(/may not/);
});
