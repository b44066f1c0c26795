import { expect, it } from 'vitest';
import { ORDINARY_MIX, planJobs } from './job-plan.ts';
import { createRandom } from './random.ts';

const plan = { seed: 'one', jobs: 200, perSecond: 100, mix: ORDINARY_MIX };

it('plans the same jobs for the same seed, and others for another', () => {
  expect(planJobs(plan)).toEqual(planJobs({ ...plan }));
  expect(planJobs({ ...plan, seed: 'two' })).not.toEqual(planJobs(plan));
});

it('gives every job a key of its own, and all types of its mix', () => {
  const jobs = planJobs(plan);
  expect(new Set(jobs.map(({ key }) => key)).size).toBe(200);
  expect(new Set(jobs.map(({ type }) => type))).toEqual(new Set(Object.keys(ORDINARY_MIX)));
});

it('puts as many others among them as it is told', () => {
  const jobs = planJobs({ ...plan, among: { poison: 3 } });
  expect(jobs.filter(({ type }) => type === 'poison').length).toBe(3);
});

it('draws numbers within their bounds, both included', () => {
  const random = createRandom('bounds');
  const drawn = Array.from({ length: 300 }, () => random.integer(2, 4));
  expect(new Set(drawn)).toEqual(new Set([2, 3, 4]));
  expect(() => random.pick([])).toThrow('nothing to pick');
});

it('draws by weight, and nothing that weighs nothing', () => {
  const random = createRandom('weights');
  const drawn = Array.from({ length: 300 }, () => random.weighted({ often: 9, seldom: 1, never: 0 }));
  const times = (name: string) => drawn.filter((each) => each === name).length;
  expect(times('never')).toBe(0);
  expect(times('seldom')).toBeGreaterThan(0);
  expect(times('often')).toBeGreaterThan(times('seldom'));
});
