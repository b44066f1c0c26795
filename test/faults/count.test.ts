import { expect, it } from 'vitest';
import { count, type Counts } from './count.ts';
import type { Evidence, Strike } from './evidence.ts';
import { parseLedger } from './ledger.ts';
import type { FoundJob } from './scan.ts';

/** Lines without their times, which become their places. */
const timed = (lines: readonly string[]): string => lines.map((line, index) => `${line} ${index}`).join('\n');

function evidence(given: {
  produced?: string[];
  handled?: string[];
  effects?: string[];
  jobs?: FoundJob[];
  strikes?: Strike[];
}): Evidence {
  return {
    produced: parseLedger('produced', timed(given.produced ?? ['try a quick', 'ack a i_a'])),
    handled: parseLedger('handled', timed(given.handled ?? ['start a r1 10 quick', 'end a r1'])),
    effects: parseLedger('effects', timed(given.effects ?? ['effect a v1 1 false', 'recorded a v1'])),
    jobs: given.jobs ?? [job()],
    strikes: given.strikes ?? [],
    troubles: [[], [1000, 1500]],
  };
}

const job = (facts: Partial<FoundJob> = {}): FoundJob => ({
  id: 'i_a',
  key: 'a',
  type: 'quick',
  delayMs: 0,
  states: ['completed'],
  attemptsMade: 1,
  maxAttempts: 3,
  error: null,
  recordedValue: 'v1',
  returnedValue: 'v1',
  ...facts,
});
/** When no run was under way, if not said otherwise. */
const strike = (inFlight: string[], pids?: number[], at = -1): Strike => ({
  at,
  overAt: at,
  inFlight,
  ...(pids && { pids }),
});
const NO_EFFECT = { recordedValue: null, returnedValue: null };

const WELL: Counts = {
  tried: 1,
  acknowledged: 1,
  givenUp: 0,
  lost: [],
  unfinished: [],
  recovered: [],
  unexpected: [],
  early: [],
  duplicated: [],
  duplicatesAllowed: 0,
  unexplained: [],
  phantomDead: [],
  overlap: [],
  charged: [],
  effects: 1,
  wrongEffects: [],
  misplaced: [],
  troubles: 2,
};

it('finds nothing wrong with a job that ran once', () => {
  expect(count(evidence({}))).toEqual(WELL);
});

it.each<[string, Parameters<typeof evidence>[0], Partial<Counts>]>([
  ['gone before it ran', { handled: [], effects: [], jobs: [] }, { lost: ['a'], effects: 0 }],
  ['gone while it ran', { handled: ['start a r1 10 quick'], effects: [], jobs: [] }, { lost: ['a'], effects: 0 }],
  ['completed though it never ran to its end', { handled: [] }, { lost: ['a'] }],
  ['gone after it ran', { jobs: [] }, { misplaced: ['a'], effects: 0 }],
  [
    'still waiting at the end',
    { handled: [], effects: [], jobs: [job({ states: ['waiting'], attemptsMade: 0, ...NO_EFFECT })] },
    { unfinished: ['a'], effects: 0 },
  ],
  ['tried, not acknowledged, and it ran', { produced: ['try a quick'] }, { acknowledged: 0, recovered: ['a'] }],
  [
    'tried by a producer that was killed, and it ran',
    { produced: ['try a quick', 'gone a'] },
    { acknowledged: 0, givenUp: 1, recovered: ['a'] },
  ],
  ['never tried, and it ran', { produced: [] }, { tried: 0, acknowledged: 0, unexpected: ['a'] }],
  [
    'never tried, and it is there',
    { produced: [], handled: [], effects: [], jobs: [job({ states: ['waiting'], attemptsMade: 0 })] },
    { tried: 0, acknowledged: 0, unexpected: ['a'], effects: 0 },
  ],
  ['that was delayed and started too early', { jobs: [job({ delayMs: 200 })] }, { early: ['a'] }],
  ['acknowledged under another id', { produced: ['try a quick', 'ack a i_b'] }, { misplaced: ['a'] }],
  ['in two sets', { jobs: [job({ states: ['completed', 'failed'] })] }, { misplaced: ['i_a'], phantomDead: ['a'] }],
  ['two jobs under one key', { jobs: [job({ id: 'i_b' }), job()] }, { misplaced: ['i_b'], effects: 2 }],
])('sees a job %s', (_what, given, seen) => {
  expect(count(evidence(given))).toEqual({ ...WELL, ...seen });
});

const TWICE = ['start a r1 10 quick', 'start a r2 11 quick', 'end a r2'];

it.each<[string, Parameters<typeof evidence>[0], Partial<Counts>]>([
  ['that nothing explains', { handled: TWICE }, { duplicated: ['a'], unexplained: ['a'] }],
  [
    'that a fault explains',
    { handled: TWICE, strikes: [strike(['i_a'])] },
    { duplicated: ['a'], duplicatesAllowed: 1 },
  ],
  [
    'that a fault explains in the process that it hit',
    { handled: TWICE, strikes: [strike(['i_a'], [10])] },
    { duplicated: ['a'], duplicatesAllowed: 1 },
  ],
  [
    'that a fault explains during which it ran',
    { handled: TWICE, strikes: [strike([], undefined, 0)] },
    { duplicated: ['a'], duplicatesAllowed: 1 },
  ],
  [
    'though the fault came when all was over',
    { handled: TWICE, strikes: [strike([], undefined, 3)] },
    { duplicated: ['a'], unexplained: ['a'] },
  ],
  [
    'though the fault hit another process',
    { handled: TWICE, strikes: [strike(['i_a'], [12])] },
    { duplicated: ['a'], unexplained: ['a'] },
  ],
  [
    'of which a fault explains one',
    {
      handled: [
        'start a r0 10 quick',
        'end a r0',
        'start a r1 10 quick',
        'end a r1',
        'start a r2 10 quick',
        'end a r2',
      ],
      strikes: [strike(['i_a'])],
    },
    { duplicated: ['a', 'a'], duplicatesAllowed: 1, unexplained: ['a'] },
  ],
  [
    'that its own failure asks for',
    {
      handled: ['start a r1 10 failing', 'failure a r1', 'start a r2 10 failing', 'end a r2'],
      jobs: [job({ attemptsMade: 2 })],
    },
    {},
  ],
  [
    'while the first still runs',
    { handled: ['start a r1 10 quick', 'start a r2 11 quick', 'end a r1', 'end a r2'] },
    { duplicated: ['a'], unexplained: ['a'], overlap: ['a'] },
  ],
  [
    'that a letdown caused, which used an attempt',
    {
      handled: ['start a r1 10 quick', 'letdown a r1', 'start a r2 10 quick', 'end a r2'],
      jobs: [job({ attemptsMade: 2 })],
    },
    { duplicated: ['a'], unexplained: ['a'], charged: ['a'] },
  ],
])('sees a second start %s', (_what, given, seen) => {
  expect(count(evidence(given))).toEqual({ ...WELL, ...seen });
});

const dead = (facts: Partial<FoundJob> = {}) => job({ states: ['failed'], maxAttempts: 2, attemptsMade: 2, ...facts });
const FAILURES = ['start a r1 10 doomed', 'failure a r1', 'start a r2 10 doomed', 'failure a r2'];

it.each<[string, FoundJob, string[], string[]]>([
  ['that never ran', dead(), [], ['a']],
  ['with an attempt left', dead({ attemptsMade: 1 }), FAILURES.slice(0, 2), ['a']],
  ['that failed as often as it may', dead(), FAILURES, []],
  [
    'that was stopped by its timeout',
    dead({ type: 'hang', error: 'Timed out after 1s' }),
    ['start a r1 10 hang', 'start a r2 10 hang'],
    [],
  ],
  [
    'that hung, for another reason',
    dead({ type: 'hang', error: 'stalled' }),
    ['start a r1 10 hang', 'start a r2 10 hang'],
    ['a'],
  ],
  ['that crashed once', dead({ type: 'poison', error: 'crashed' }), ['start a r1 10 poison'], ['a']],
])('judges a dead job %s', (_what, job, handled, phantomDead) => {
  expect(count(evidence({ jobs: [job], handled, effects: [] })).phantomDead).toEqual(phantomDead);
});

it('takes the neighbours of a poison job as in flight in that process, and only there', () => {
  const produced = ['try p poison', 'try a quick', 'try b quick'];
  const handled = [
    'start a r1 10 quick',
    'start b r2 11 quick',
    'start p r3 10 poison',
    'start a r4 12 quick',
    'end a r4',
    'start b r5 12 quick',
    'end b r5',
  ];
  expect(count(evidence({ produced, handled, jobs: [] }))).toMatchObject({
    duplicated: ['a', 'b'],
    duplicatesAllowed: 1,
    unexplained: ['b'],
  });
});

it.each<[string, string[], Partial<FoundJob>]>([
  ['that is not recorded', ['effect a v1 1 false'], NO_EFFECT],
  ['that was recorded twice', ['effect a v1 1 false', 'recorded a v1', 'effect a v2 2 true', 'recorded a v2'], {}],
  ['of which Redis knows another value', ['effect a v1 1 false', 'recorded a v1'], { recordedValue: 'v2' }],
  ['of which the job returned another value', ['effect a v1 1 false', 'recorded a v1'], { returnedValue: 'v2' }],
  ['that was repeated without a warning', ['effect a v0 1 false', 'effect a v1 2 false', 'recorded a v1'], {}],
  ['that was repeated under the same fence', ['effect a v0 1 false', 'effect a v1 1 true', 'recorded a v1'], {}],
  ['that nobody had', ['recorded a v1'], {}],
])('sees an effect %s', (_what, effects, facts) => {
  expect(count(evidence({ effects, jobs: [job(facts)] }))).toEqual({ ...WELL, effects: 0, wrongEffects: ['a'] });
});

it('allows an effect that was repeated with a warning, in whatever order', () => {
  const effects = ['effect a v1 2 true', 'recorded a v1', 'effect a v0 1 false'];
  expect(count(evidence({ effects }))).toEqual(WELL);
});

it('trusts no ledger with a line that is none, or with an end without a start', () => {
  expect(() => parseLedger('produced', 'try a 1\nack')).toThrow(
    'Expected a line of the ledger "produced", got "try a 1"',
  );
  expect(() => count(evidence({ handled: ['end a r1'] }))).toThrow('an end without a start: end a');
});
