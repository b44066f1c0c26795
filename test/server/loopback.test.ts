import { describe, expect, it } from 'vitest';
import { assertHostHeader, assertLoopback, isLoopback } from '../../src/server/loopback.ts';

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', 'localhost', 'LocalHost'])(
    'takes %s',
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );

  it.each([
    '0.0.0.0',
    '::',
    '192.168.1.1',
    '128.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.1',
    'example.com',
    'localhost.evil.test',
    '127.0.0.1.nip.io',
    '',
  ])('refuses %s', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});

describe('assertLoopback', () => {
  it('refuses with exit code 78 and says what to do', () => {
    expect(() => assertLoopback('0.0.0.0')).toThrow(
      expect.objectContaining({
        code: 'UNSAFE_BIND',
        exitCode: 78,
        message: expect.stringContaining('0.0.0.0') as string,
        hint: expect.stringContaining('127.0.0.1') as string,
      }),
    );
  });
});

describe('assertHostHeader', () => {
  it.each(['localhost', 'localhost:3000', '127.0.0.1', '127.0.0.1:80', '[::1]', '[::1]:3000', 'LOCALHOST:1'])(
    'lets %s pass',
    (header) => {
      expect(() => assertHostHeader(header)).not.toThrow();
    },
  );

  it.each([
    undefined,
    '',
    'evil.test',
    'evil.test:3000',
    'localhost.evil.test',
    'localhost@evil.test',
    '127.0.0.1:80@evil.test',
    '[::1].evil.test',
    '[evil.test]',
    '::1',
    'localhost:3000:1',
    'localhost, evil.test',
  ])('refuses %s', (header) => {
    expect(() => assertHostHeader(header)).toThrow(expect.objectContaining({ code: 'WRONG_HOST', httpStatus: 421 }));
  });
});
