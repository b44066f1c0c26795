import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBroker } from '../../src/broker/open-broker.ts';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { ConfigInput } from '../../src/options.ts';
import { freePort } from '../helpers/free-port.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { runJq, startJq } from '../helpers/run-jq.ts';
import { folderOf } from '../helpers/write-files.ts';

const pem = (name: string): string => path.join(import.meta.dirname, '../fixtures/tls', name);
const TRUSTED = { caFile: pem('authority.pem'), serverName: 'redis.test' };
const CERTIFIED = { ...TRUSTED, certFile: pem('client.pem'), keyFile: pem('client.key') };

let redis: TestRedis;
let port: number;
const url = () => `rediss://jq:hunter2@127.0.0.1:${port}`;

beforeAll(async () => {
  port = await freePort();
  const settings = {
    'tls-port': `${port}`,
    'tls-ca-cert-file': pem('authority.pem'),
    'tls-cert-file': pem('server.pem'),
    'tls-key-file': pem('server.key'),
    'tls-auth-clients': 'no',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  redis = await startRedis({ port: true, args: [...args, '--user', 'jq', 'on', '>hunter2', '~*', '&*', '+@all'] });
});
afterAll(() => redis.stop());

async function askCertificates(which: 'yes' | 'no'): Promise<void> {
  const admin = await openQuickRedis(parseTarget(redis.url, 'test'));
  await admin.call('CONFIG', 'SET', 'tls-auth-clients', which);
  await admin.close();
}

describe.each(['once', 'lasting'] as const)('a connection by TLS, %s', (connection) => {
  async function clientInfo(redisConfig: ConfigInput['redis']): Promise<unknown> {
    const cwd = await folderOf({ 'jobqueue.config.json': JSON.stringify({ redis: redisConfig }) });
    const broker = await openBroker(await loadConfig({ cwd, env: {} }), { connection });
    const info = await broker.redis.call('CLIENT', 'INFO');
    await broker.close();
    return info;
  }

  it('trusts an authority of its own, and is the user that it says', async () => {
    expect(await clientInfo({ url: url(), tls: TRUSTED })).toContain(' user=jq ');
  });

  it('shows a certificate when it is asked for one', async () => {
    await askCertificates('yes');
    try {
      expect(await clientInfo({ url: url(), tls: CERTIFIED })).toContain(' user=jq ');
      await expect(clientInfo({ url: url(), tls: TRUSTED })).rejects.toMatchObject({
        exitCode: 4,
        // Redis tells why, and closes; which of these comes first is chance.
        message: expect.stringMatching(/: it wants a certificate that it trusts$| \((ECONNRESET|EPIPE)\)$/) as string,
      });
    } finally {
      await askCertificates('no');
    }
  });

  it.each([
    ['no authority', {}, /: no authority that is trusted here has signed its certificate$/, /redis\.tls\.caFile/],
    [
      'another authority',
      { ...TRUSTED, caFile: pem('other-authority.pem') },
      /: no authority that is trusted here/,
      /caFile/,
    ],
    ['another name', { caFile: TRUSTED.caFile }, /: its certificate is for another name$/, /redis\.tls\.serverName/],
  ])('refuses %s', async (_what, tls, message, hint) => {
    await expect(clientInfo({ url: url(), tls })).rejects.toMatchObject({
      code: 'REDIS_UNREACHABLE',
      exitCode: 4,
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    });
  });

  it('refuses a port without TLS', async () => {
    await expect(clientInfo({ url: redis.url.replace('redis:', 'rediss:'), tls: TRUSTED })).rejects.toMatchObject({
      exitCode: 4,
      hint: expect.stringContaining('with TLS on this port?') as string,
    });
  });

  it.each([
    ['a URL without TLS', () => redis.url, TRUSTED, /^Expected a rediss:\/\/ URL beside `redis\.tls\.caFile`/],
    ['a certificate without its key', url, { certFile: pem('client.pem') }, /^Expected `redis\.tls\.certFile` and/],
    ['a file that is not there', url, { caFile: 'none.pem' }, /^Cannot read `redis\.tls\.caFile` .*none\.pem: ENOENT/],
    [
      'a file of another kind',
      url,
      { caFile: import.meta.filename },
      /^Expected `redis\.tls\.caFile` to be a PEM file/,
    ],
  ])('takes %s for a wrong configuration', async (_what, where, tls, message) => {
    await expect(clientInfo({ url: where(), tls })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      exitCode: 2,
      message: expect.stringMatching(message) as string,
    });
  });
});

it('adds and runs jobs by TLS, by nothing but the environment', async () => {
  const cwd = await folderOf({ 'handlers/double.mjs': 'export default async ({ n }) => 2 * n;' });
  const env = {
    JQ_REDIS_URL: url(),
    JQ_REDIS_CA_FILE: TRUSTED.caFile,
    JQ_REDIS_SERVER_NAME: TRUSTED.serverName,
    JQ_REDIS_CERT_FILE: CERTIFIED.certFile,
    JQ_REDIS_KEY_FILE: CERTIFIED.keyFile,
  };
  await askCertificates('yes');
  const worker = startJq(['work'], { cwd, env });
  await worker.says(/Redis: rediss:\/\/jq:\*\*\*\*@/);
  const added = await runJq(['enqueue', 'double', '--payload', '{"n":21}', '--wait=20s', '--json'], { cwd, env });
  expect(added.stderr).toBe('');
  expect(JSON.parse(added.stdout)).toMatchObject({ status: 'completed', result: 42 });
  worker.child.kill('SIGTERM');
  expect((await worker.finished).code).toBe(0);
});
