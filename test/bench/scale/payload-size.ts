import { quantileOf } from '../helpers/statistics.ts';
import type { Growth } from './growth.ts';
import { type Place, sleep } from './place.ts';

/** So many bytes of payload are stored in all, in calls of so many. */
const [TOTAL, CALL] = [150e6, 4e6];
const EVERY_MS = 50;

/** Payloads that get larger. */
export const payloadSize: Growth = {
  name: 'payload',
  title: 'Size of the payload',
  of: 'bytes of payload',
  full: [100, 1000, 10_000, 100_000, 1_000_000],
  short: [100, 10_000],
  figures: [
    { name: 'stored', unit: 'jobs/s', panel: 'jobs a second' },
    { name: 'run', unit: 'jobs/s', panel: 'jobs a second' },
    { name: 'stored', unit: 'MB/s', panel: 'megabytes a second' },
    { name: 'run', unit: 'MB/s', panel: 'megabytes a second' },
    { name: 'median wait', unit: 'ms', panel: 'from adding to start, ms' },
    { name: 'slowest twentieth', unit: 'ms', panel: 'from adding to start, ms' },
  ],
  async measure(place, bytes, least) {
    const jobs = least ? 100 : Math.max(150, Math.min(50_000, TOTAL / bytes));
    const call = Math.max(1, Math.min(500, Math.floor(CALL / bytes)));
    const payload = (more: object = {}) => ({ text: 'x'.repeat(bytes - 12 - JSON.stringify(more).length), ...more });
    const stored = await place.add(jobs, () => ({ payload: payload() }), call);
    const worker = place.start('work', '--queues', 'default', '--concurrency', '50', '--log-level', 'error');
    const { jobsPerSecond } = await place.pass(['default'], jobs * 0.8, 0);
    const waits = await waitsOf(place, least ? 10 : 150, payload);
    await worker.end();
    const megabytes = (rate: number): number => (rate * bytes) / 1e6;
    return [
      stored,
      jobsPerSecond,
      megabytes(stored),
      megabytes(jobsPerSecond),
      quantileOf(waits, 0.5),
      quantileOf(waits, 0.95),
    ];
  },
};

/** Milliseconds from adding to the start of the handler, which returns them, for jobs that come one by one. */
async function waitsOf(
  place: Place,
  amount: number,
  payload: (more: object) => NonNullable<object>,
): Promise<number[]> {
  const ids: string[] = [];
  for (let sent = 0; sent < amount; sent += 1) {
    const id = `j_steady-${sent}`;
    ids.push(id);
    await place.add(1, () => ({ id, payload: payload({ sentAt: `${process.hrtime.bigint()}` }) as never }));
    await sleep(EVERY_MS);
  }
  const read = () => Promise.all(ids.map((id) => place.client.hget(place.keys.job('default', id), 'returnvalue')));
  for (;;) {
    const waits = await read();
    if (waits.every((wait) => wait !== null)) return waits.map(Number);
    await sleep(EVERY_MS);
  }
}
