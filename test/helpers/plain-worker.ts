import { type Job, Worker } from 'bullmq';
import type { TestRedis } from './redis.ts';

/** A plain BullMQ worker of one queue, which ends no job before it is released, and fails those whose payload is `fail`. */
export interface PlainWorker {
  release(): void;
  stop(): Promise<void>;
}

/** @param before what it does with a job first */
export function startPlainWorker(
  { socketPath }: TestRedis,
  queue: string,
  before: (job: Job) => Promise<unknown> = async () => undefined,
): PlainWorker {
  const gate = Promise.withResolvers<void>();
  const run = async (job: Job): Promise<unknown> => {
    await before(job);
    await gate.promise;
    if (job.data === 'fail') throw new Error('it broke');
    return { got: job.data as unknown };
  };
  const worker = new Worker(queue, run, { connection: { path: socketPath }, concurrency: 10 });
  return { release: () => gate.resolve(), stop: () => worker.close() };
}
