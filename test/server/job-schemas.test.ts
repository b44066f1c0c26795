import { expect, it } from 'vitest';
import { JOB_OPTION_NAMES } from '../../src/jobs/job-options.ts';
import { newJob } from '../../src/server/job-schemas.ts';

it('takes every job option over HTTP but the id, which comes as the Idempotency-Key header', () => {
  const taken = Object.keys(newJob.properties!.options!.properties!);
  expect(taken.toSorted()).toEqual(JOB_OPTION_NAMES.filter((name) => name !== 'id').toSorted());
});
