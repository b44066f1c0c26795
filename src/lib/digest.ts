import fs from 'node:fs';

// node:crypto takes a tenth of the time of a short command, and most of them need no more of it than some random
// bytes: so it is loaded where it is first used.
const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto');

/** No secret, and no proof of anything: old names are made of it. */
export const md5Hex = (text: string): string => crypto().createHash('md5').update(text).digest('hex');

export const sha1Hex = (text: string): string => crypto().createHash('sha1').update(text).digest('hex');

/** 43 characters of A-Z a-z 0-9 - _. */
export const sha256Url = (text: string): string => crypto().hash('sha256', text, 'base64url');

/** Each pool is twice the one before, up to this: a short command needs few, a server many. */
const LARGEST_POOL_BYTES = 65_536;
let poolBytes = 512;
let pool: Buffer = Buffer.alloc(0);
/** Those before it were given away. */
let unused = 0;

/** Bytes from the system's generator of cryptographic random numbers; nobody else gets the same memory. */
export function randomBytes(count: number): Buffer {
  if (pool.length - unused < count) {
    poolBytes = Math.min(2 * poolBytes, LARGEST_POOL_BYTES);
    [pool, unused] = [fill(Math.max(count, poolBytes)), 0];
  }
  return pool.subarray(unused, (unused += count));
}

function fill(count: number): Buffer {
  const bytes = Buffer.alloc(count);
  try {
    const source = fs.openSync('/dev/urandom', 'r');
    try {
      if (fs.readSync(source, bytes, 0, count, null) === count) return bytes;
    } finally {
      fs.closeSync(source);
    }
  } catch {
    // Not every system has such a file.
  }
  return crypto().randomFillSync(bytes);
}
