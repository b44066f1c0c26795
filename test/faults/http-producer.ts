/**
 * Enqueues the jobs of a plan over HTTP, as many clients: `node http-producer.ts LEDGER_FOLDER PLAN URL`. Each client writes
 * down each key before it tries it, and that the job was acknowledged after it was. It tries again, with the same key, for
 * as long as there is no answer, or one that says to.
 */
import { sleep } from '../../src/lib/clock.ts';
import type { PlannedJob } from './job-plan.ts';
import { openProduction, optionsOf, payloadOf } from './production.ts';

const CLIENTS = 64;
const AGAIN_MS = 50;
const PATIENCE_MS = 10_000;

const url = process.argv[4]!;
const { jobs, ledger } = openProduction(process.argv.slice(2));
const rest = jobs.values();
await Promise.all(
  Array.from({ length: CLIENTS }, async () => {
    for (const job of rest) {
      ledger({ fact: 'try', key: job.key, type: job.type, at: Date.now() });
      const id = await post(job);
      ledger({ fact: 'ack', key: job.key, id, at: Date.now() });
    }
  }),
);

async function post(job: PlannedJob): Promise<string> {
  for (;;) {
    const answer = await tryPost(job);
    if (answer?.status === 200 || answer?.status === 201) return (JSON.parse(answer.body) as { id: string }).id;
    if (answer && answer.status !== 429 && answer.status !== 503) throw new Error(`${answer.status} ${answer.body}`);
    await sleep(AGAIN_MS);
  }
}

/** @returns `undefined` when there was no answer, or only a part of it */
async function tryPost(job: PlannedJob): Promise<{ status: number; body: string } | undefined> {
  try {
    const response = await fetch(`${url}/api/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': job.key },
      body: JSON.stringify({ type: job.type, payload: payloadOf(job), options: optionsOf(job) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return { status: response.status, body: await response.text() };
  } catch {
    return undefined;
  }
}
