import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { checkServer } from '../../src/broker/check-server.ts';
import { openBroker } from '../../src/broker/open-broker.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { openLastingRedis } from '../../src/broker/lasting-redis.ts';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import { type Redis, ReplyError } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { folderOf } from '../helpers/write-files.ts';

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis({ port: true });
  const admin = await openQuickRedis(parseTarget(redis.url, 'test'));
  await admin.call('ACL', 'SETUSER', 'jq', 'on', '>hunter2', '~*', '+@all');
  await admin.call('ACL', 'SETUSER', 'reader', 'on', '>hunter2', '~*', '+ping', '+get', '+select');
  await admin.close();
});
afterAll(() => redis.stop());

const PATIENCE_MS = 300;
const address = () => redis.url.replace('redis://', '');

/** A server that takes connections and never says a word; or says one, and ends. */
async function startServer(answer?: string): Promise<string> {
  const server = net.createServer((socket) => void (answer !== undefined && socket.end(answer)));
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `redis://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}

describe.each([
  ['quick', openQuickRedis],
  ['lasting', openLastingRedis],
] as const)('a %s connection', (kind, openRedis) => {
  async function open(url: string): Promise<Redis> {
    const patience = kind === 'quick' ? { timeoutMs: PATIENCE_MS } : { deadlineMs: PATIENCE_MS };
    const connection = await openRedis(parseTarget(url, '--redis'), patience);
    onTestFinished(() => connection.close());
    return connection;
  }
  const refusal = (code: string, message: RegExp, hint?: string) => ({
    code,
    message: expect.stringMatching(message) as string,
    ...(hint === undefined ? {} : { hint }),
  });

  it.each([
    ['TCP', () => redis.url],
    ['a unix socket', () => `unix://${redis.socketPath}`],
    ['a user and a password', () => `redis://jq:hunter2@${address()}`],
    ['the database of a URL', () => `redis://jq:hunter2@${address()}/7`],
    ['the database of a socket', () => `unix://${redis.socketPath}?db=7`],
  ])('speaks over %s', async (name, url) => {
    const connection = await open(url());
    expect(await connection.call('PING')).toBe('PONG');
    const info = (await connection.call('CLIENT', 'INFO')) as string;
    expect(info).toContain(name.startsWith('the database') ? ' db=7 ' : ' db=0 ');
    expect(info).toContain(url().includes('jq:') ? ' user=jq ' : ' user=default ');
  });

  it('gives replies of every shape, and any bytes', async () => {
    const connection = await open(redis.url);
    const text = 'ümlaut\r\n$5\r\n\0';
    expect(await connection.call('SET', 'k', Buffer.from(text))).toBe('OK');
    expect(
      await connection.pipeline([
        ['GET', 'k'],
        ['GET', 'no-such-key'],
        ['INCR', 'k'],
        ['STRLEN', 'k'],
        ['EVAL', "return {1, {'two', false}, 'x'}", 0],
      ]),
    ).toEqual([text, null, expect.any(ReplyError), Buffer.byteLength(text), [1, ['two', null], 'x']]);
    await connection.call('DEL', 'k');
  });

  it('throws what Redis says no to, with its kind', async () => {
    const connection = await open(redis.url);
    await connection.call('SET', 'text', 'x');
    await expect(connection.call('LPUSH', 'text', 'x')).rejects.toMatchObject({
      name: 'ReplyError',
      kind: 'WRONGTYPE',
    });
  });

  it.each([
    ['a port where nobody listens', () => 'redis://127.0.0.1:1', /at redis:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)$/],
    ['a socket that is not there', () => 'unix:///no/such.sock', /\(ENOENT\)$/],
    ['a host that is not there', () => 'redis://no-such-host.invalid', /\((ENOTFOUND|EAI_AGAIN)\)$/],
    ['a server that never answers', () => startServer(), /\(no answer for 0\.\ds\)$/],
    [
      'a server that never answers a password',
      async () => (await startServer()).replace('//', '//:hunter2@'),
      /at redis:\/\/:\*{4}@127.*\(no answer/,
    ],
    [
      'a server that speaks something else',
      () => startServer('HTTP/1.1 400 Bad Request\r\n\r\n'),
      /^Cannot reach Redis at /,
    ],
    ['a server that hangs up', () => startServer(''), /^Cannot reach Redis at /],
  ])('cannot reach %s', async (_name, url, message) => {
    await expect(open(await url())).rejects.toMatchObject(
      refusal('REDIS_UNREACHABLE', message, 'Is it running? It was chosen by --redis'),
    );
  });

  it.each([
    [
      'a wrong password',
      () => `redis://jq:wrong@${address()}`,
      /at redis:\/\/jq:\*{4}@\S+ refused: the user name or password is wrong$/,
    ],
    ['a database that is not there', () => `${redis.url}/9999`, /refused: DB index is out of range$/],
    [
      'a user who may do too little',
      () => `redis://reader:hunter2@${address()}`,
      /refused: this user may not do that$/,
    ],
  ])('is refused for %s', async (_name, url, message) => {
    // ioredis asks for more when it connects than a quick one does.
    const connecting = open(await url()).then((connection) => connection.call('INFO'));
    await expect(connecting).rejects.toMatchObject(refusal('REDIS_REFUSED', message));
  });

  it('fails in time while Redis is silent', async () => {
    const connection = await open(redis.url);
    process.kill(redis.pid, 'SIGSTOP');
    onTestFinished(() => void process.kill(redis.pid, 'SIGCONT'));
    await expect(connection.call('PING')).rejects.toMatchObject(
      refusal('REDIS_UNREACHABLE', /\(no answer for 0\.3s\)$/),
    );
  });

  it('fails what is asked after its end, and ends twice', async () => {
    const connection = await open(redis.url);
    await connection.close();
    await connection.close();
    await expect(connection.call('PING')).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
  });
});

// To these a server says no before it was asked anything, which only a quick connection hears.
it.each([
  ['-DENIED Redis is running in protected mode\r\n', /refused: without a password it takes/],
  ['-ERR max number of clients reached\r\n', /refused: max number of clients reached$/],
])('a quick connection is refused by a server that greets with %j', async (greeting, message) => {
  await expect(openQuickRedis(parseTarget(await startServer(greeting), '--redis'))).rejects.toMatchObject({
    code: 'REDIS_REFUSED',
    message: expect.stringMatching(message) as string,
  });
});

describe('a Redis that goes away', () => {
  it('is the end of a quick connection, also of what it was asked', async () => {
    const connection = await openQuickRedis(parseTarget(redis.url, '--redis'));
    const [waiting] = await Promise.allSettled([connection.call('BLPOP', 'nothing', 0), redis.kill()]);
    expect(waiting).toMatchObject({ status: 'rejected', reason: { code: 'REDIS_UNREACHABLE' } });
    await redis.restart();
    await expect(connection.call('PING')).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
  });

  it('is a pause for a lasting one, which says so and comes back', async () => {
    let losses = 0;
    const connection = await openLastingRedis(parseTarget(redis.url, '--redis'), { onLost: () => void (losses += 1) });
    onTestFinished(() => connection.close());
    await redis.kill();
    await expect(connection.call('PING')).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
    await expect(connection.pipeline([['PING']])).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
    await redis.restart();
    expect(losses).toBeGreaterThan(0);
    await expect.poll(() => connection.call('PING').catch(() => 'away')).toBe('PONG');
  });
});

it('a lasting connection sends no more when a hundred calls wait in vain, until Redis speaks again', async () => {
  const connection = await openLastingRedis(parseTarget(redis.url, '--redis'), { deadlineMs: 200 });
  onTestFinished(() => connection.close());
  process.kill(redis.pid, 'SIGSTOP');
  onTestFinished(() => void process.kill(redis.pid, 'SIGCONT'));
  const refused = expect.objectContaining({ code: 'REDIS_UNREACHABLE' }) as Error;
  const inVain = Array.from({ length: 100 }, () => connection.call('INCR', 'sent'));
  for (const result of await Promise.allSettled(inVain))
    expect(result).toEqual({ status: 'rejected', reason: refused });
  await expect(connection.call('INCR', 'sent')).rejects.toEqual(refused);
  await expect(connection.pipeline([['INCR', 'sent']])).rejects.toEqual(refused);
  process.kill(redis.pid, 'SIGCONT');
  await expect.poll(() => connection.call('PING').catch(() => 'away')).toBe('PONG');
  expect(await connection.call('GET', 'sent')).toBe('100');
});

describe('a server that is not fit', () => {
  const check = async (settings: Record<string, string>, allowEviction = false) => {
    const target = parseTarget(redis.url, '--redis');
    const connection = await openQuickRedis(target);
    onTestFinished(() => connection.close());
    for (const [name, value] of Object.entries(settings)) await connection.call('CONFIG', 'SET', name, value);
    onTestFinished(async () => {
      const after = await openQuickRedis(target);
      for (const setting of [
        ['maxmemory-policy', 'noeviction'],
        ['appendonly', 'yes'],
      ])
        await after.call('CONFIG', 'SET', ...setting);
      await after.close();
    });
    return checkServer(connection, target, { allowEviction });
  };

  it('is refused when it may evict jobs, unless somebody insists', async () => {
    const settings = { 'maxmemory-policy': 'allkeys-lru' };
    await expect(check(settings)).rejects.toMatchObject({
      code: 'REDIS_REFUSED',
      message: expect.stringMatching(
        /has maxmemory-policy allkeys-lru: it may throw jobs away\. Expected noeviction$/,
      ) as string,
      hint: expect.stringContaining('--allow-eviction') as string,
    });
    expect((await check(settings, true)).facts.evictionPolicy).toBe('allkeys-lru');
  });

  it('is only warned of when it may forget', async () => {
    expect(await check({})).toMatchObject({ facts: { appendOnly: true, evictionPolicy: 'noeviction' }, warnings: [] });
    const { facts, warnings } = await check({ appendonly: 'no' });
    expect(facts.appendOnly).toBe(false);
    expect(warnings).toEqual([expect.stringContaining('appendonly yes')]);
  });
});

describe('openBroker', () => {
  const open = async (config: object, connection: 'once' | 'lasting') => {
    const notices: string[] = [];
    const cwd = await folderOf({ 'jobqueue.config.json': JSON.stringify(config) });
    const broker = await openBroker(await loadConfig({ cwd, env: { REDIS_URL: redis.url } }), {
      connection,
      onNotice: (notice) => void notices.push(notice),
    });
    onTestFinished(() => broker.close());
    return { broker, notices };
  };

  it.each(['once', 'lasting'] as const)('says which Redis it uses and why: %s', async (connection) => {
    const { broker, notices } = await open({ redis: { prefix: 'theirs' } }, connection);
    expect(notices).toEqual([`Redis: ${redis.url} (REDIS_URL)`]);
    expect(broker.keys.queue('mail', 'wait')).toBe('theirs:mail:wait');
    expect(broker.server.version).toMatch(/^\d+\.\d+/);
    expect(broker.redis.isLasting).toBe(connection === 'lasting');
  });

  it('warns those who stay of a Redis that may forget', async () => {
    const admin = await openQuickRedis(parseTarget(redis.url, 'test'));
    await admin.call('CONFIG', 'SET', 'appendonly', 'no');
    onTestFinished(async () => {
      await admin.call('CONFIG', 'SET', 'appendonly', 'yes');
      await admin.close();
    });
    expect((await open({}, 'once')).notices).toHaveLength(1);
    expect((await open({}, 'lasting')).notices[1]).toMatch(/^warning: Redis keeps no append-only file/);
  });
});
