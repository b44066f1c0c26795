/**
 * Enqueues the jobs of a plan: `node producer.ts LEDGER_FOLDER PLAN`. It writes down each key before it tries it, and that
 * the job was acknowledged after it was; both are on disk before it goes on. It tries again, with the same key, for as long
 * as Redis is away or says no.
 */
import { countStates } from '../../src/broker/read-jobs.ts';
import { JobQueueError } from '../../src/errors.ts';
import { enqueue } from '../../src/jobs/enqueue.ts';
import { openProject } from '../../src/jobs/project.ts';
import { monotonicMs, sleep } from '../../src/lib/clock.ts';
import type { PlannedJob } from './job-plan.ts';
import { openProduction, optionsOf, payloadOf } from './production.ts';

const BATCH = 10;
/** It stays no further than this ahead of the workers. */
const MOST_WAITING = 60;
const AGAIN_MS = 50;
const QUEUE = 'default';

const { plan, jobs, ledger } = openProduction(process.argv.slice(2));
const project = await untilItWorks(() => openProject({ cwd: process.cwd(), env: process.env, connection: 'lasting' }));
const began = monotonicMs();
for (let start = 0; start < jobs.length; start += BATCH) {
  await sleep(Math.max(0, began + (start / plan.perSecond) * 1000 - monotonicMs()));
  while ((await untilItWorks(countWaiting)) > MOST_WAITING) await sleep(AGAIN_MS);
  const batch = jobs.slice(start, start + BATCH);
  ledger(...batch.map(({ key, type }) => ({ fact: 'try' as const, key, type, at: Date.now() })));
  const ids = await Promise.all(batch.map((job) => untilItWorks(() => store(job))));
  if (plan.distractedMs) await sleep(plan.distractedMs);
  ledger(...batch.map(({ key }, index) => ({ fact: 'ack' as const, key, id: ids[index]!, at: Date.now() })));
}
await project.close();

async function store(job: PlannedJob): Promise<string> {
  const options = { id: job.key, ...optionsOf(job) };
  return (await enqueue(project, { type: job.type, payload: payloadOf(job), options })).id;
}

async function countWaiting(): Promise<number> {
  return (await countStates(project.broker, [QUEUE], ['waiting'])).get(QUEUE)!.waiting;
}

/** @throws what is not the weather */
async function untilItWorks<Result>(call: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof JobQueueError) || error.httpStatus !== 503) throw error;
      await sleep(AGAIN_MS);
    }
  }
}
