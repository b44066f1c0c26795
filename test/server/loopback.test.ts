import { describe, expect, it } from 'vitest';
import { createHostCheck, isExposed, isLoopback } from '../../src/server/loopback.ts';

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

const here = { host: '127.0.0.1', allowedHosts: undefined, trustProxy: undefined };

describe('isExposed', () => {
  it.each([
    ['a loopback address', here, false],
    ['every address', { ...here, host: '0.0.0.0' }, true],
    ['a proxy that passes a name on', { ...here, allowedHosts: ['jobs.example.com'] }, true],
    ['a proxy that says for whom it asks', { ...here, trustProxy: ['loopback'] }, true],
  ])('%s', (_name, server, exposed) => {
    expect(isExposed(server)).toBe(exposed);
  });
});

describe('createHostCheck', () => {
  const refused = expect.objectContaining({ code: 'WRONG_HOST', httpStatus: 421 }) as Error;
  const local = ['localhost', 'localhost:3000', '127.0.0.1', '127.0.0.1:80', '[::1]', '[::1]:3000', 'LOCALHOST:1'];
  const never = [
    undefined,
    '',
    ':80',
    'evil.test',
    'evil.test:3000',
    'localhost.evil.test',
    'localhost@evil.test',
    '127.0.0.1:80@evil.test',
    '[::1].evil.test',
    '[evil.test]',
    '[jobs.example.com]',
    '::1',
    'localhost:3000:1',
    'localhost, evil.test',
  ];
  const addresses = ['10.0.0.5', '10.0.0.5:3000', '0.0.0.0', '[2001:db8::1]:3000'];

  it.each(local)('lets %s pass', (header) => {
    expect(() => createHostCheck(here)(header)).not.toThrow();
    expect(() => createHostCheck({ ...here, host: '0.0.0.0' })(header)).not.toThrow();
  });

  it.each([...never, ...addresses])('refuses %s on loopback', (header) => {
    expect(() => createHostCheck(here)(header)).toThrow(refused);
  });

  it.each(addresses)(
    'lets %s, which nobody can point elsewhere, pass where other machines reach the server',
    (header) => {
      expect(() => createHostCheck({ ...here, host: '0.0.0.0' })(header)).not.toThrow();
    },
  );

  it.each(never)('refuses %s there as well', (header) => {
    expect(() => createHostCheck({ host: '0.0.0.0', allowedHosts: ['jobs.example.com', '.evil'] })(header)).toThrow(
      refused,
    );
  });

  it('lets names pass that are allowed, those under a name too', () => {
    const check = createHostCheck({ ...here, allowedHosts: ['Jobs.example.com', '.internal'] });
    for (const name of ['jobs.example.com', 'JOBS.example.com:443', 'a.internal', 'a.b.internal:80']) {
      expect(() => check(name)).not.toThrow();
    }
    for (const name of ['example.com', 'x.jobs.example.com', 'internal', 'evil-internal']) {
      expect(() => check(name)).toThrow(refused);
    }
  });
});
