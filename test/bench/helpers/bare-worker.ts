/** The least that works through a queue with BullMQ: `node bare-worker.ts SOCKET SLOTS`. */
import { Worker } from 'bullmq';
import noop from './noop.ts';

const [path, slots] = process.argv.slice(2);
const worker = new Worker('default', async (job) => noop(job.data), {
  connection: { path: path! },
  concurrency: Number(slots),
  removeOnComplete: { age: 86_400, count: 10_000 },
});
process.once('SIGTERM', () => void worker.close().then(() => process.exit()));
