import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRedisServer, serverOnPath, vendoredServer } from '../../src/broker/local-redis/find-server.ts';

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-find-'));
});

afterEach(() => fs.rmSync(folder, { recursive: true }));

function addProgram(name: string, mode = 0o755): string {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, '#!/bin/sh\n', { mode });
  return file;
}

describe('findRedisServer', () => {
  it('takes JQ_REDIS_SERVER before all else', () => {
    const [own, other] = [addProgram('mine'), addProgram('bin/redis-server')];
    const server = findRedisServer({ JQ_REDIS_SERVER: own, PATH: path.dirname(other) });
    expect(server).toEqual({ command: [own], source: 'JQ_REDIS_SERVER' });
  });

  it.each([
    ['is missing', 'missing'],
    ['is a folder', '.'],
  ])('refuses a JQ_REDIS_SERVER that %s', (_what, name) => {
    const env = { JQ_REDIS_SERVER: path.join(folder, name) };
    expect(() => findRedisServer(env)).toThrow(expect.objectContaining({ code: 'NO_REDIS' }) as Error);
  });
});

describe('serverOnPath', () => {
  it('prefers redis-server, in whatever folder, and passes by what cannot be run', () => {
    addProgram('a/redis-server', 0o644);
    addProgram('b/valkey-server');
    const PATH = ['a', 'b', 'c', 'missing'].map((name) => path.join(folder, name)).join(path.delimiter);
    expect(serverOnPath({ PATH })?.source).toBe('valkey-server on the PATH');
    const server = addProgram('c/redis-server');
    expect(serverOnPath({ PATH })).toEqual({ command: [server], source: 'redis-server on the PATH' });
  });

  it('never looks into the working folder', () => {
    expect(serverOnPath({ PATH: path.delimiter })).toBeUndefined();
    expect(serverOnPath({})).toBeUndefined();
  });
});

describe('vendoredServer', () => {
  it('runs by the loader and the libraries that it brings', () => {
    expect(vendoredServer(folder)).toBeUndefined();
    const loader = addProgram('bin/redis-server');
    const [libraries, program] = [path.join(folder, 'lib'), path.join(folder, 'redis-server')];
    expect(vendoredServer(folder)?.command).toEqual([
      loader,
      '--library-path',
      libraries,
      '--argv0',
      'redis-server',
      program,
    ]);
  });
});
