import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../src/jobs/audit.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { HAS_TERMINAL, runJq } from '../helpers/run-jq.ts';
import { folderOf } from '../helpers/write-files.ts';
import { openShop, type Shop } from './shop.ts';

let redis: TestRedis;
let shop: Shop;

beforeAll(async () => {
  redis = await startRedis();
  shop = openShop(redis);
});
afterAll(() => redis.stop());

const names = async (): Promise<string[]> =>
  (await shop.json<{ name: string }[]>(['keys', 'list'])).map(({ name }) => name);

describe('keys', () => {
  it('create prints the key, alone, and says on stderr that this is the only time', async () => {
    const { code, stdout, stderr } = await shop.run(['keys', 'create', 'shop', '--scope', 'enqueue:mail']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^jq_[0-9a-f]{40}\n$/);
    expect(stderr).toContain('the only time');
    expect((await shop.run(['keys', 'list'])).stdout).not.toContain(stdout.trim().slice(3));
  });

  it('create as data has all that is known of it', async () => {
    expect(await shop.json(['keys', 'create', 'grafana', '--scope', 'read,enqueue', '--expires', '90d'])).toEqual({
      id: expect.stringMatching(/^k_[0-9a-f]{12}$/) as string,
      name: 'grafana',
      scopes: ['read', 'enqueue'],
      createdAt: expect.stringMatching(/Z$/) as string,
      expiresAt: expect.stringMatching(/Z$/) as string,
      lastUsedAt: null,
      key: expect.stringMatching(/^jq_/) as string,
    });
  });

  it.each([
    [['one'], 'Expected --scope'],
    [['one', '--scope', 'write'], 'Expected --scope to be enqueue, read, operate, admin or enqueue:QUEUE'],
    [['one', '--scope', 'admin,enqueue:mail'], 'Expected either admin'],
    [['two words', '--scope', 'read'], 'Expected a name'],
    [['root@host', '--scope', 'read'], 'Expected a name'],
    [['one', '--scope', 'read', '--expires', 'soon'], 'Expected --expires'],
    [['one', '--scope', 'read', '--expires', '2020-01-01'], 'Expected a key to end in the future'],
    [['shop', '--scope', 'read'], 'An API key is named shop already'],
  ])('create %j is refused, and makes none', async (words, message) => {
    const before = await names();
    const { code, stdout, stderr } = await shop.run(['keys', 'create', ...words]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(await names()).toEqual(before);
  });

  it('list has one line a key, oldest first', async () => {
    const { stdout } = await shop.run(['keys', 'list']);
    expect(stdout).toMatch(/^k_\w+\tshop\tenqueue:mail\t[\d:.TZ-]+\t\t\nk_\w+\tgrafana\tread,enqueue\t\S+\t\t\S+Z\n$/);
  });

  it('revoke takes a name or an id, once it is told to', async () => {
    expect(await shop.run(['keys', 'revoke', 'shop'])).toMatchObject({ code: 2 });
    const typo = await shop.run(['keys', 'revoke', 'grafanna', '--yes']);
    expect(typo.code).toBe(5);
    expect(typo.stderr).toContain('Did you mean "grafana"?');
    expect(await names()).toEqual(['shop', 'grafana']);

    const [shopKey] = await shop.json<{ id: string }[]>(['keys', 'list']);
    expect(await shop.run(['keys', 'revoke', shopKey!.id, '--yes'])).toMatchObject({
      code: 0,
      stdout: `${shopKey!.id}\n`,
    });
    const last = await shop.run(['keys', 'revoke', 'grafana', '--yes']);
    expect(last.stderr).toContain('That was the last key');
    expect(await names()).toEqual([]);
  });

  it.skipIf(!HAS_TERMINAL)('revoke asks on a terminal, default no', async () => {
    await shop.run(['keys', 'create', 'asked', '--scope', 'read']);
    const revoke = shop.start(['keys', 'revoke', 'asked'], { terminal: true });
    await revoke.says(/Revoke the key asked \(read\) in .*\? \[y\/N\] /);
    revoke.child.stdin!.write('\n');
    expect((await revoke.finished).code).toBe(1);
    expect(await names()).toEqual(['asked']);
  });
});

describe('audit list', () => {
  it('tells who changed what, newest first', async () => {
    const [dead] = await shop.bury([{ message: 'no such order' }]);
    await shop.run(['dlq', 'replay', '--error', 'no such', '--yes']);
    await shop.run(['jobs', 'remove', dead!, '--yes']);
    const entries = await shop.json<AuditEntry[]>(['audit', 'list', '--limit', '2']);
    const who = expect.stringMatching(/^\S+@\S+$/) as string;
    expect(entries).toEqual([
      { at: expect.any(String) as string, who, what: 'remove', count: 1, id: dead, queue: 'default' },
      {
        at: expect.any(String) as string,
        who,
        what: 'replay',
        count: 1,
        id: expect.stringMatching(/^r_/) as string,
        // What was dead when it began.
        filter: { error: 'no such', until: expect.any(Number) as number },
        byQueue: { default: 1 },
      },
    ]);
    const { stdout } = await shop.run(['audit', 'list']);
    expect(stdout.split('\n')[0]).toMatch(new RegExp(`^[\\d:.TZ-]+\\t\\S+@\\S+\\tremove\\t1\\t${dead}\\tdefault\\t$`));
    expect(stdout).toMatch(/\trevoke-key\t1\tgrafana\t/);
  });
});

it('a queue that is full is refused on the command line too, with what to do', async () => {
  const cwd = await folderOf({
    'jobqueue.config.json': JSON.stringify({ queues: { tiny: { maxDepth: 1 } } }),
    'handlers/any.mjs': 'export default async () => {};',
  });
  const enqueue = () => runJq(['enqueue', 'any', '--queue', 'tiny'], { cwd, env: { JQ_REDIS_URL: redis.url } });
  expect((await enqueue()).code).toBe(0);
  const { code, stdout, stderr } = await enqueue();
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /Queue tiny is full: 1 jobs wait, 1 may\nTry again later, add workers, or raise its `maxDepth`/,
  );
});
