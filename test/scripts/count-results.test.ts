import { describe, expect, it } from 'vitest';
import { countResults, renderCounts } from '../../scripts/test/count-results.ts';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});

describe('countResults', () => {
  it('counts what passed, failed, and was skipped in any way', () => {
    const testResults = [file('failed', 'passed', 'failed', 'passed'), file('passed', 'pending', 'todo', 'passed')];
    expect(countResults({ testResults }, 1)).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });

  it.each([
    ['a file that cannot be loaded', { testResults: [file('failed'), file('passed', 'passed')] }, 1],
    ['a file whose hooks fail', { testResults: [file('failed', 'pending'), file('passed', 'passed')] }, 1],
    ['an error outside of the tests', { testResults: [file('passed', 'passed')] }, 1],
    ['a crash before any report', undefined, 134],
    ['a signal', undefined, null],
  ])('counts %s as one failure', (_what, report, exitCode) => {
    expect(countResults(report, exitCode).failed).toBe(1);
  });
});

describe('renderCounts', () => {
  it('is one plain line', () => {
    expect(renderCounts({ passed: 12, failed: 0, skipped: 1 })).toBe('12 passed, 0 failed, 1 skipped');
  });
});
