import { expect, it } from 'vitest';
import type { Strike } from './evidence.ts';
import { parseLedger } from './ledger.ts';
import { measureRecovery } from './recovery.ts';
import type { FoundJob } from './scan.ts';

const evidence = (handled: string[], strikes: Strike[]) => ({
  produced: [],
  handled: parseLedger('handled', handled.join('\n')),
  effects: [],
  jobs: [{ id: 'i_a', key: 'a' } as FoundJob],
  strikes,
  troubles: [],
});
const strike = (facts: Partial<Strike>): Strike => ({ at: 1000, overAt: 1500, inFlight: ['i_a'], ...facts });

it('measures until what a strike had cut short was started again, the longest of all', () => {
  const handled = [
    'start a r1 10 quick 900',
    'start b r2 10 quick 950',
    'start b r3 11 quick 1300',
    'end b r3 1310',
    'start a r4 11 quick 4000',
    'end a r4 4010',
  ];
  expect(measureRecovery('restart', evidence(handled, [strike({ pids: [10] })]))).toBe(3000);
});

it('leaves out what other processes ran, and what failed by itself', () => {
  const handled = [
    'start a r1 12 quick 900',
    'start a r2 11 quick 2000',
    'start b r3 10 failing 900',
    'failure b r3 950',
    'start b r4 10 failing 1600',
  ];
  expect(measureRecovery('restart', evidence(handled, [strike({ pids: [10] })]))).toBeUndefined();
});

it('counts a run that was aborted, or stopped and continued, as cut short', () => {
  const aborted = ['start a r1 10 long 900', 'abort a r1 1400', 'start a r2 11 long 1700'];
  const stopped = ['start a r1 10 slow 900', 'start a r2 11 slow 1700', 'end a r1 1800'];
  for (const handled of [aborted, stopped]) {
    expect(measureRecovery('restart', evidence(handled, [strike({ pids: [10] })]))).toBe(700);
  }
});

it('measures from the end of a fault until a job that was started then was done', () => {
  const handled = [
    'start a r1 10 quick 1400',
    'end a r1 1600',
    'start b r2 10 failing 1700',
    'failure b r2 1750',
    'start c r3 10 slow 1800',
    'start d r4 11 quick 1850',
    'end d r4 1900',
    'end c r3 1950',
  ];
  expect(measureRecovery('resume', evidence(handled, [strike({})]))).toBe(400);
  expect(measureRecovery('resume', evidence(handled, [strike({ overAt: 2000 })]))).toBeUndefined();
});

it('measures until all that was in flight had run to its end', () => {
  const handled = ['start a r1 10 quick 900', 'start a r2 11 quick 1900', 'end a r2 1950', 'end a r1 2100'];
  expect(measureRecovery('finish', evidence(handled, [strike({})]))).toBe(950);
});
