import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { LocalRedisProject } from '../helpers/local-redis-project.ts';

const WITHIN = { timeout: 20_000, interval: 5 };

let project: LocalRedisProject;

beforeEach(() => {
  project = new LocalRedisProject();
});

afterEach(() => project.remove());

const keepSomething = () => project.redis((redis) => redis.set('kept', 'yes'));
const kept = () => project.redis((redis) => redis.get('kept'));

/** Resolves when a Redis that was released at the time of the call has ended. */
async function untilLingerIsOver(): Promise<void> {
  const control = new LocalRedisProject();
  (await control.open()).release();
  await control.untilEnded();
  await control.remove();
}

describe('sharing', () => {
  it('starts one server for processes that come at the same time', async () => {
    const users = await Promise.all(Array.from({ length: 6 }, () => project.startUser()));
    expect(users.filter((user) => user.started)).toHaveLength(1);
    expect(fs.readFileSync(project.file('redis.log'), 'utf8').match(/Redis is starting/g)).toHaveLength(1);
  });

  it('joins a server that runs', async () => {
    const first = await project.open();
    const second = await project.open();
    expect([first.started, second.started]).toEqual([true, false]);
    expect(second.source).toBe('already running');
    expect(second.url).toBe(first.url);
  });

  it('ends only after the last one has gone', async () => {
    const first = await project.open();
    const second = await project.startUser();
    const server = await project.serverPid();
    first.release();
    await untilLingerIsOver();
    expect(await project.serverPid()).toBe(server);
    await second.kill();
    await project.untilEnded();
  });
});

describe('ending', () => {
  it('keeps the data of users that were killed, and leaves no process', async () => {
    const user = await project.startUser();
    await keepSomething();
    await user.kill();
    await project.untilEnded();
    expect(fs.readdirSync(project.file('.')).toSorted()).toEqual(['.gitignore', 'keeper.lock', 'redis', 'redis.log']);

    const { started } = await project.open();
    expect(started).toBe(true);
    expect(await kept()).toBe('yes');
  });

  it('starts anew for one who comes while it ends', async () => {
    const first = await project.open();
    await keepSomething();
    const server = await project.serverPid();
    process.kill(server, 'SIGSTOP');
    first.release();
    await expect.poll(() => fs.existsSync(project.file('users.fifo')), WITHIN).toBe(false);
    const opening = project.open();
    process.kill(server, 'SIGCONT');
    const second = await opening;
    expect(second.started).toBe(true);
    expect(await project.serverPid()).not.toBe(server);
    expect(await kept()).toBe('yes');

    // The wait has left nothing open that would count as a use.
    second.release();
    await project.untilEnded();
  });

  it('ends when its keeper is told to', async () => {
    await project.open();
    process.kill(project.keeperPid, 'SIGTERM');
    await project.untilEnded();
    expect(fs.existsSync(project.file('redis.sock'))).toBe(false);
  });
});

describe('accidents', () => {
  it('starts a server again that was killed', async () => {
    const local = await project.open();
    await keepSomething();
    const [server, keeper] = [await project.serverPid(), project.keeperPid];
    process.kill(server, 'SIGKILL');
    await local.ensure();
    expect(await project.serverPid()).not.toBe(server);
    expect(project.keeperPid).toBe(keeper);
    expect(await kept()).toBe('yes');
  });

  it('starts a server anew that has lost its keeper, also for its old users', async () => {
    const first = await project.open();
    await keepSomething();
    const [server, keeper] = [await project.serverPid(), project.keeperPid];
    await project.killKeeper();
    const second = await project.open();
    expect(second.started).toBe(true);
    expect(project.keeperPid).not.toBe(keeper);
    expect(await project.serverPid()).not.toBe(server);

    await first.ensure();
    second.release();
    await untilLingerIsOver();
    expect(await kept()).toBe('yes');
  });

  it('comes back after all of it was killed', async () => {
    const local = await project.open();
    await keepSomething();
    // The group of the keeper, as `pkill -9 -f redis-server` would.
    process.kill(-project.keeperPid, 'SIGKILL');
    await local.ensure();
    expect(await kept()).toBe('yes');
  });

  it('takes over from a process that was killed while it started a server', async () => {
    fs.mkdirSync(project.file('start.lock'), { recursive: true });
    fs.utimesSync(project.file('start.lock'), 0, 0);
    expect((await project.open()).started).toBe(true);
  });

  it('quotes a server that does not start', async () => {
    const server = path.join(project.folder, 'broken-server');
    fs.writeFileSync(server, '#!/bin/sh\necho "the disk is full of cheese"\nexit 1\n', { mode: 0o755 });
    await expect(project.open({ JQ_REDIS_SERVER: server })).rejects.toMatchObject({
      code: 'NO_REDIS',
      message: expect.stringContaining('the disk is full of cheese') as string,
    });
    await project.untilEnded();
  });

  it('says where it cannot write', async () => {
    fs.writeFileSync(project.file('.'), 'a file where a folder should be');
    await expect(project.open()).rejects.toMatchObject({
      code: 'NO_REDIS',
      message: expect.stringContaining(project.file('.')) as string,
    });
    fs.rmSync(project.file('.'));
  });
});

describe('privacy', () => {
  it('is reached by its user only, and never over the network', async () => {
    const { socketPath } = await project.open();
    const mode = (file: string) => (fs.statSync(file).mode & 0o777).toString(8);
    expect(mode(project.file('.'))).toBe('700');
    expect(mode(socketPath)).toBe('700');
    expect(fs.readFileSync(project.file('.gitignore'), 'utf8')).toBe('*\n');
    expect(await project.redis((redis) => redis.config('GET', 'port'))).toEqual(['port', '0']);
  });

  it('closes a folder that was open to others', async () => {
    fs.mkdirSync(project.file('.'), { mode: 0o755 });
    await project.open();
    expect(fs.statSync(project.file('.')).mode & 0o777).toBe(0o700);
  });

  it('never evicts, and writes each change to disk', async () => {
    await project.open();
    const setting = (name: string) =>
      project.redis(async (redis) => ((await redis.config('GET', name)) as string[])[1]);
    expect(await setting('maxmemory-policy')).toBe('noeviction');
    expect(await setting('appendonly')).toBe('yes');
  });
});

describe('a path that is too long for a socket', () => {
  beforeEach(async () => {
    await project.remove();
    project = new LocalRedisProject('a-rather-long-name-for-a-folder/'.repeat(4));
  });

  it('has its socket in a folder of its own, for this user only', async () => {
    const { socketPath } = await project.open();
    expect(socketPath.startsWith(project.folder)).toBe(false);
    expect(fs.statSync(path.dirname(socketPath)).mode & 0o777).toBe(0o700);
    await keepSomething();
    expect(await kept()).toBe('yes');
  });

  it('is found by processes with another TMPDIR', async () => {
    const { socketPath } = await project.open();
    expect(await project.startUser({ TMPDIR: project.folder })).toMatchObject({ socketPath, started: false });
  });

  it('removes that folder at the end', async () => {
    const local = await project.open();
    local.release();
    await project.untilEnded();
    expect(fs.existsSync(path.dirname(local.socketPath))).toBe(false);
  });

  it('does not take a folder that others can look into', async () => {
    const { socketPath } = await project.open();
    await project.remove();
    const folder = path.dirname(socketPath);
    fs.mkdirSync(folder, { mode: 0o755 });
    onTestFinished(() => fs.rmdirSync(folder));
    fs.mkdirSync(project.folder, { recursive: true });
    await expect(project.open()).rejects.toMatchObject({ message: expect.stringContaining(folder) as string });
  });
});
