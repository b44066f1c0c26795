import { Queue } from 'bullmq';

/** What BullMQ itself has for putting dead letters back: all of some queues at once. @returns how many seconds it took */
export async function retryAll(socket: string, names: readonly string[]): Promise<number> {
  const queues = names.map((name) => new Queue(name, { connection: { path: socket } }));
  await Promise.all(queues.map((queue) => queue.waitUntilReady()));
  const began = performance.now();
  await Promise.all(queues.map((queue) => queue.retryJobs({ state: 'failed' })));
  const took = (performance.now() - began) / 1000;
  await Promise.all(queues.map((queue) => queue.close()));
  return took;
}
