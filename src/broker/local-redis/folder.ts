import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { JobQueueError } from '../../errors.ts';
import { sha1Hex } from '../../lib/digest.ts';
import { isPrivateFolder, userId } from '../../lib/private-folder.ts';

/** Where a project keeps its local Redis. Everything in it may be deleted while no `jq` process runs. */
export interface LocalRedisFolder {
  /** `<project>/.jobqueue`, for this user only. */
  path: string;
  log: string;
  /** Always in the folder, but where its path is too long for a socket, a link to {@link socketPath}. */
  socketLink: string;
}

/** What the kernels take for a socket's path is 104 bytes at least, with the byte that ends it. */
const MAX_SOCKET_BYTES = 100;

export function localRedisFolder(projectFolder: string): LocalRedisFolder {
  const folder = path.join(fs.realpathSync(projectFolder), '.jobqueue');
  return { path: folder, log: path.join(folder, 'redis.log'), socketLink: path.join(folder, 'redis.sock') };
}

/** The path to connect to. The link and not `TMPDIR` says where a distant socket is: not all processes have the same. */
export function socketPath({ socketLink }: LocalRedisFolder): string {
  return fitsSocket(socketLink) ? socketLink : fs.readlinkSync(socketLink);
}

/** Makes what a keeper needs. Of a keeper that still lives, it disturbs nothing but the name of its log. */
export function prepareFolder(folder: LocalRedisFolder): void {
  fs.mkdirSync(path.join(folder.path, 'redis'), { recursive: true });
  fs.chmodSync(folder.path, 0o700);
  fs.writeFileSync(path.join(folder.path, '.gitignore'), '*\n');
  if (fs.existsSync(folder.log)) fs.renameSync(folder.log, `${folder.log}.1`);
  if (fitsSocket(folder.socketLink)) return;
  const distant = distantFolder(folder.path);
  makePrivate(distant);
  fs.rmSync(folder.socketLink, { force: true });
  fs.symlinkSync(path.join(distant, 'redis.sock'), folder.socketLink);
}

const fitsSocket = (file: string): boolean => Buffer.byteLength(file) <= MAX_SOCKET_BYTES;

function distantFolder(folder: string): string {
  const hash = sha1Hex(folder).slice(0, 16);
  const name = `jobqueue-${userId()}-${hash}`;
  const root = fitsSocket(path.join(os.tmpdir(), name, 'redis.sock')) ? os.tmpdir() : '/tmp';
  return path.join(root, name);
}

function makePrivate(folder: string): void {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (isPrivateFolder(folder)) return;
  throw new JobQueueError('NO_REDIS', `The local Redis needs a folder of its own, but ${folder} is open to others.`, {
    hint: 'Remove it, or set JQ_REDIS_URL.',
  });
}
