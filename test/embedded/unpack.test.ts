import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cacheFolder } from '../../src/embedded/cache-folder.ts';
import { unpack } from '../../src/embedded/unpack.ts';

const FILES: Record<string, string> = { 'bin/server': '#!/bin/sh\necho hello\n', 'lib/part': 'part' };
const pack = {
  hash: 'a'.repeat(64),
  files: Object.fromEntries(
    Object.entries(FILES).map(([name, text]) => [name, createHash('sha256').update(text).digest('hex')]),
  ),
};
let parent: string;
let reads: number;

beforeEach(() => {
  parent = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-unpack-'));
  reads = 0;
});
afterEach(() => fs.rmSync(parent, { recursive: true }));

const read = (file: string): Uint8Array => {
  reads += 1;
  return zstdCompressSync(FILES[file]!);
};
const lay = (): string => unpack('thing', { pack, parent, read });

it('lays a pack out once, for this user only', () => {
  const folder = lay();
  expect(lay()).toBe(folder);
  expect(reads).toBe(2);
  expect(fs.readFileSync(path.join(folder, 'bin/server'), 'utf8')).toBe(FILES['bin/server']);
  expect([folder, path.join(folder, 'bin/server')].map((file) => fs.statSync(file).mode & 0o777)).toEqual([
    0o700, 0o700,
  ]);
  expect(fs.readdirSync(parent)).toEqual([path.basename(folder)]);
});

it.each<[string, (folder: string) => void]>([
  ['was changed', (folder) => fs.appendFileSync(path.join(folder, 'lib/part'), '!')],
  ['lacks a file', (folder) => fs.rmSync(path.join(folder, 'lib/part'))],
  ['others can look into', (folder) => fs.chmodSync(folder, 0o755)],
  ['is a file', (folder) => (fs.rmSync(folder, { recursive: true }), fs.writeFileSync(folder, ''))],
])('replaces what %s', (_what, damage) => {
  const folder = lay();
  damage(folder);
  expect(lay()).toBe(folder);
  expect(fs.readFileSync(path.join(folder, 'lib/part'), 'utf8')).toBe('part');
  expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
  expect(fs.readdirSync(parent)).toEqual([path.basename(folder)]);
});

it('takes the folder of another process that was first', () => {
  let folder = '';
  const late = unpack('thing', {
    pack,
    parent,
    read: (file) => {
      if (folder === '') folder = lay();
      return zstdCompressSync(FILES[file]!);
    },
  });
  expect(late).toBe(folder);
  expect(fs.readdirSync(parent)).toEqual([path.basename(folder)]);
});

it('keeps the cache where XDG_CACHE_HOME says, and out of folders that others can look into', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: parent })).toBe(path.join(parent, 'jobqueue'));
  fs.chmodSync(path.join(parent, 'jobqueue'), 0o755);
  expect(cacheFolder({ XDG_CACHE_HOME: parent })).toBe(path.join(os.tmpdir(), `jobqueue-cache-${os.userInfo().uid}`));
});
