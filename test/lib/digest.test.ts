import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomBytes, sha1Hex, sha256Url } from '../../src/lib/digest.ts';

describe('digests', () => {
  it('are those of the standards', () => {
    expect(sha1Hex('abc')).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
    expect(sha256Url('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  });

  it('are a fixed set of characters, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(sha256Url(text)).toMatch(/^[\w-]{43}$/);
      }),
    );
  });
});

describe('randomBytes', () => {
  it('gives as many as were asked for, and none of them twice', () => {
    const counts = [0, 1, 9, 16, 1000, 1024, 1025, 5000, 16];
    const given = counts.map(randomBytes);
    expect(given.map((bytes) => bytes.length)).toEqual(counts);
    const chunks = given.flatMap((bytes) => bytes.toString('hex').match(/.{32}/g) ?? []);
    expect(new Set(chunks).size).toBe(chunks.length);
  });

  it('gives bytes of the caller’s own', () => {
    const first = randomBytes(16);
    first.fill(0);
    expect(randomBytes(16).some((byte) => byte !== 0)).toBe(true);
  });

  it('has every bit about as often as not', () => {
    const bits = [...randomBytes(20_000)].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
    expect(Math.abs(bits / 160_000 - 0.5)).toBeLessThan(0.02);
  });
});
