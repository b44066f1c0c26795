import fs from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configuredTarget } from '../../src/broker/configured-target.ts';
import { maskUrl, parseTarget } from '../../src/broker/target.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type Files, folderOf } from '../helpers/write-files.ts';

describe('parseTarget', () => {
  it.each([
    ['redis://host', { host: 'host', port: 6379, database: 0 }],
    ['redis://host:7000/3', { host: 'host', port: 7000, database: 3 }],
    ['rediss://jq:p%40ss@host', { host: 'host', port: 6379, tls: {}, username: 'jq', password: 'p@ss', database: 0 }],
    ['redis://:secret@[::1]:7000', { host: '::1', port: 7000, password: 'secret', database: 0 }],
    ['unix:///run/a%20b.sock', { socketPath: '/run/a b.sock', database: 0 }],
    ['unix:///run/redis.sock?db=12', { socketPath: '/run/redis.sock', database: 12 }],
    [
      'rediss+sentinel://jq:p%40ss@a:1,[::1],b/mymaster/3',
      {
        host: 'a',
        port: 1,
        tls: {},
        username: 'jq',
        password: 'p@ss',
        database: 3,
        sentinel: {
          name: 'mymaster',
          nodes: [
            { host: 'a', port: 1 },
            { host: '::1', port: 26_379 },
            { host: 'b', port: 26_379 },
          ],
        },
      },
    ],
    [
      'redis+cluster://:secret@a,b:7001',
      {
        host: 'a',
        port: 6379,
        password: 'secret',
        database: 0,
        cluster: [
          { host: 'a', port: 6379 },
          { host: 'b', port: 7001 },
        ],
      },
    ],
  ])('reads %s', (url, parts) => {
    expect(parseTarget(url, '--redis')).toEqual({ ...parts, label: maskUrl(url), why: '--redis' });
  });

  it('takes the password of a file before that of the URL', () => {
    expect(parseTarget('redis://:old@host', '--redis', { password: 'new' }).password).toBe('new');
  });

  it.each([
    ['redis://host:99999', 'Expected a URL such as redis://host:6379/0, got "redis://host:99999" (REDIS_URL)'],
    ['redis://:hunter2@host:x', 'Expected a URL such as redis://host:6379/0, got "redis://:****@host:x" (REDIS_URL)'],
    ['redis:///3', 'Expected a host in the Redis URL "redis:///3" (REDIS_URL)'],
    ['redis://host/zero', 'Expected the database in "redis://host/zero" to be a number, got "zero" (REDIS_URL)'],
    ['redis://host/1/2', 'Expected the database in "redis://host/1/2" to be a number, got "1/2" (REDIS_URL)'],
    ['unix:///s?db=-1', 'Expected the database in "unix:///s?db=-1" to be a number, got "-1" (REDIS_URL)'],
    ['redis+cluster://a,:7', 'Expected a URL such as redis://host:6379/0, got "redis+cluster://a,:7" (REDIS_URL)'],
    ['redis+cluster://a,b/1', 'Expected no database in "redis+cluster://a,b/1": a Cluster has none (REDIS_URL)'],
    [
      'redis+sentinel://:pass@a,b',
      'Expected the master\'s name in the Redis URL "redis+sentinel://:****@a,b", such as redis+sentinel://host:26379/mymaster (REDIS_URL)',
    ],
    [
      'redis://:50%@host',
      'Expected each % in the Redis URL "redis://:****@host" to begin an escape such as %25 (REDIS_URL)',
    ],
  ])('refuses %s', (url, message) => {
    expect(() => parseTarget(url, 'REDIS_URL')).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG', message }));
  });
});

describe('maskUrl', () => {
  it.each([
    ['redis://jq:hunter2@host:6379/0', 'redis://jq:****@host:6379/0'],
    ['redis://:hunter2@host', 'redis://:****@host'],
    ['redis://jq:hun@ter2@host', 'redis://jq:****@host'],
    ['redis://jq:hun/ter2@host', 'redis://jq:****@host'],
    ['redis://host:6379/0', 'redis://host:6379/0'],
    ['unix:///tmp/a:b.sock', 'unix:///tmp/a:b.sock'],
  ])('makes of %s %s', (url, masked) => expect(maskUrl(url)).toBe(masked));

  it('leaves nothing of any password', () => {
    const password = fc.string({ minLength: 4, maxLength: 20, unit: 'grapheme-ascii' });
    fc.assert(
      fc.property(password, (each) => {
        expect(maskUrl(`redis://jq:${each}@host:6379`)).toBe('redis://jq:****@host:6379');
      }),
    );
  });
});

describe('configuredTarget', () => {
  const targetOf = async (files: Files, env: NodeJS.ProcessEnv = {}, mode = 0o600) => {
    const folder = await folderOf(files);
    if (files.secret !== undefined) await fs.chmod(path.join(folder, 'secret'), mode);
    return configuredTarget(await loadConfig({ cwd: folder, env }));
  };

  it('is none when none is named, which means the local one', async () => {
    expect(await targetOf({})).toBeUndefined();
  });

  it('is never the local one in production', async () => {
    await expect(targetOf({}, { NODE_ENV: 'production' })).rejects.toMatchObject({
      code: 'NO_REDIS',
      exitCode: 4,
      hint: expect.stringContaining('JQ_REDIS_URL=') as string,
    });
    expect(await targetOf({}, { NODE_ENV: 'production', REDIS_URL: 'redis://host' })).toMatchObject({ host: 'host' });
  });

  it('says which layer chose it', async () => {
    expect(await targetOf({}, { REDIS_URL: 'redis://host' })).toMatchObject({ why: 'REDIS_URL' });
  });

  const WITH_FILE = '{"redis": {"url": "redis://host", "passwordFile": "secret"}}';

  it('has the password of the first line of a file beside the configuration', async () => {
    const target = await targetOf({ 'jobqueue.config.json': WITH_FILE, secret: 'hunter2\nsecond line\n' });
    expect(target).toMatchObject({ password: 'hunter2', label: 'redis://host' });
  });

  it('takes one that a group may read, as Kubernetes and systemd make them', async () => {
    const target = await targetOf({ 'jobqueue.config.json': WITH_FILE, secret: 'hunter2' }, {}, 0o440);
    expect(target).toMatchObject({ password: 'hunter2' });
  });

  it.each([0o644, 0o604, 0o444, 0o602])('refuses a password file of mode %o', async (mode) => {
    await expect(targetOf({ 'jobqueue.config.json': WITH_FILE, secret: 'hunter2' }, {}, mode)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringMatching(
        new RegExp(`^Others may read the password file .*secret \\(mode ${mode.toString(8)}\\)$`),
      ) as string,
      hint: expect.stringMatching(/^chmod 600 .*secret$/) as string,
    });
  });

  it('says so of a password file that is not there', async () => {
    await expect(targetOf({ 'jobqueue.config.json': WITH_FILE })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringMatching(/^Cannot read the password file .*secret: ENOENT/) as string,
    });
  });
});
