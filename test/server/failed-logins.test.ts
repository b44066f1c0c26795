import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFailedLogins } from '../../src/server/failed-logins.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const failTimes = (logins: ReturnType<typeof createFailedLogins>, times: number, address: string): void => {
  for (let time = 0; time < times; time += 1) logins.count(address);
};

describe('failed logins', () => {
  it('leaves each address ten a minute', () => {
    const logins = createFailedLogins();
    failTimes(logins, 9, '10.0.0.1');
    expect(logins.secondsToWait('10.0.0.1')).toBe(0);
    vi.advanceTimersByTime(20_000);
    failTimes(logins, 1, '10.0.0.1');
    expect(logins.secondsToWait('10.0.0.1')).toBe(40);
    expect(logins.secondsToWait('10.0.0.2')).toBe(0);
    vi.advanceTimersByTime(40_001);
    expect(logins.secondsToWait('10.0.0.1')).toBe(0);
  });

  it('counts the addresses of one IPv6 network as one, and IPv4 in either form', () => {
    const logins = createFailedLogins();
    for (let host = 1; host <= 10; host += 1) logins.count(`2001:db8:1:2::${host}`);
    failTimes(logins, 10, '::ffff:10.0.0.1');
    expect(logins.secondsToWait('2001:db8:1:2:ffff::1')).toBeGreaterThan(0);
    expect(logins.secondsToWait('2001:db8:1:3::1')).toBe(0);
    expect(logins.secondsToWait('10.0.0.1')).toBeGreaterThan(0);
  });

  it('does not grow without end', () => {
    const logins = createFailedLogins();
    for (let host = 0; host < 20_000; host += 1) logins.count(`10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`);
    // Those beyond what is told apart share one count, which is full.
    expect(logins.secondsToWait('10.200.0.1')).toBeGreaterThan(0);
    expect(logins.secondsToWait('10.0.0.1')).toBe(0);
  });
});
