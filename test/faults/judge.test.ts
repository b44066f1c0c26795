import { expect, it } from 'vitest';
import type { Counts } from './count.ts';
import type { Fault } from './fault.ts';
import { judgeCounts, judgeRecovery } from './judge.ts';
import { hasFailed, renderReport } from './render-report.ts';
import type { Outcome } from './run-fault.ts';

const well: Counts = {
  tried: 2,
  acknowledged: 2,
  givenUp: 0,
  lost: [],
  unfinished: [],
  recovered: ['a'],
  unexpected: [],
  early: [],
  duplicated: ['a'],
  duplicatesAllowed: 1,
  unexplained: [],
  phantomDead: [],
  overlap: [],
  charged: [],
  effects: 2,
  wrongEffects: [],
  misplaced: [],
  troubles: 3,
};
const fault: Fault = {
  name: 'flood',
  does: 'floods',
  expects: 'nothing',
  times: { short: 1, normal: 1, long: 1 },
  inflict: async () => [],
};

it('allows what is recovered, and duplicates that faults explain', () => {
  expect(judgeCounts(well, {})).toEqual([]);
});

const FORBIDDEN = [
  'lost',
  'unfinished',
  'unexpected',
  'early',
  'unexplained',
  'phantomDead',
  'overlap',
  'charged',
  'wrongEffects',
  'misplaced',
] as const;
it.each(FORBIDDEN)('allows no job that is %s, and names it', (name) => {
  expect(judgeCounts({ ...well, [name]: ['a', 'b'] }, {})).toEqual([expect.stringMatching(/^2 .*: a, b$/)]);
});

it('allows overlap only where a fault brings it about', () => {
  expect(judgeCounts({ ...well, overlap: ['a'] }, { mayOverlap: true })).toEqual([]);
});

it('allows a worker ten errors and warnings in a second where Redis is the trouble', () => {
  expect(judgeCounts({ ...well, troubles: 10 }, { limitsLines: true })).toEqual([]);
  expect(judgeCounts({ ...well, troubles: 11 }, {})).toEqual([]);
  expect(judgeCounts({ ...well, troubles: 11 }, { limitsLines: true })).toEqual([
    '11 errors and warnings of a worker in a second, expected at most 10',
  ]);
});

it('allows no late recovery', () => {
  const recovery = { of: 'resume', withinMs: 1000 } as const;
  expect(judgeRecovery(1000, recovery)).toEqual([]);
  expect(judgeRecovery(1001, recovery)).toEqual(['recovered after 1001 ms, expected within 1000 ms']);
});

it('reports one row a fault, and in words what does not hold', () => {
  const outcomes: Outcome[] = [
    { fault, counts: well, strikes: 7, recoveryMs: 12, wrong: [], late: [] },
    { fault, counts: { ...well, lost: ['a'] }, wrong: ['1 lost: a'], late: [], folder: '/tmp/x' },
    { fault, skipped: 'no water', wrong: [], late: [] },
    { fault, wrong: ['it broke'], late: [] },
  ];
  const [head, ...lines] = renderReport(outcomes).trimEnd().split('\n');
  expect(head).toMatch(/^fault +strikes +jobs +acked +lost +recovered +unexpected +duplicated +phantom-dead/);
  expect(lines[0]).toMatch(/^flood +7 +2 +2 +0 +1 +0 +1 of 1 +0 +0 +0 +2 of 2 +3 +12 ms +ok$/);
  expect(lines[1]).toMatch(/^flood +2 +2 +1 .*FAILED$/);
  expect(lines[2]).toMatch(/^flood +skipped$/);
  expect(lines[3]).toMatch(/^flood +FAILED$/);
  expect(lines.slice(4)).toEqual([
    'flood: 1 lost: a',
    'flood: ledgers and logs are in /tmp/x',
    'flood: skipped, no water',
    'flood: it broke',
  ]);
  expect(outcomes.map(hasFailed)).toEqual([false, true, false, true]);
});
