import { createRedisBackend, Job as EngineJob, Queue, UnrecoverableError } from 'bullmq';
import type { Broker } from './broker.ts';
import { useRedisClock } from './consumer/use-redis-clock.ts';
import type { HeldJob } from './locks/lock-table.ts';
import { createEngineConnection } from './engine-connection.ts';
import { type Reply, unwrap } from './redis.ts';

/** A job that a process held when it ended. */
export interface OrphanedJob extends HeldJob {
  /** What speaks against it from earlier times that this happened; 0 is nothing. */
  points: number;
}

/** What becomes of an orphaned job. */
export type Verdict =
  /** Back to wait, its attempt not counted, with so many points more; a suspect runs beside no other suspect. */
  | { kind: 'returned'; points: number; isSuspect: boolean }
  /** Its attempt has failed; `final`: it is dead. */
  | { kind: 'failed'; message: string; stack: string; final: boolean };

/** The jobs whose locks belong to one of these holders: they are active, and nobody runs them any more. */
export async function findOrphans(
  { redis, keys }: Broker,
  queues: readonly string[],
  holders: readonly string[],
): Promise<OrphanedJob[]> {
  const orphans: OrphanedJob[] = [];
  for (const queue of queues) {
    const ids = (await redis.call('LRANGE', keys.queue(queue, 'active'), 0, -1)) as string[];
    const replies = await redis.pipeline(
      ids.flatMap((id) => [
        ['GET', `${keys.job(queue, id)}:lock`],
        ['HGET', keys.job(queue, id), 'jq:points'],
      ]),
    );
    ids.forEach((id, index) => {
      const token = unwrap<string | null>(replies[2 * index]);
      const points = Number(unwrap<string | null>(replies[2 * index + 1]) ?? 0);
      if (token !== null && holders.includes(token.split(':')[0]!)) orphans.push({ queue, id, token, points });
    });
  }
  return orphans;
}

/** Carries out verdicts on orphaned jobs. It owns a connection for each queue; `close` it. */
export function createOrphanage({ target, keys, redis, clock }: Broker) {
  const engine = createEngineConnection(target, { maxRetriesPerRequest: 1 });
  const openQueue = (name: string) =>
    new Queue(keys.engineName(name), { connection: engine.connection, prefix: keys.prefix }, (...how) => {
      const backend = createRedisBackend(...how);
      // When a job is tried again is not for the clock of this machine to say.
      useRedisClock(backend, clock);
      return backend;
    });
  const queues = new Map<string, ReturnType<typeof openQueue>>();
  const queueOf = (name: string) => {
    const queue = queues.get(name) ?? openQueue(name);
    queues.set(name, queue);
    return queue;
  };
  return {
    async settle(orphan: OrphanedJob, verdict: Verdict): Promise<void> {
      const job = await EngineJob.fromId(queueOf(orphan.queue), orphan.id);
      if (!job) return;
      job.opts.removeOnFail = false;
      if (verdict.kind === 'returned') {
        if (verdict.points > 0) {
          const hash = keys.job(orphan.queue, orphan.id);
          for (const reply of await redis.pipeline([
            ['HINCRBY', hash, 'jq:points', verdict.points],
            // BullMQ hands this one out with the job: a worker then knows a suspect without asking.
            ...(verdict.isSuspect ? [['HINCRBY', hash, 'stc', 1]] : []),
          ])) {
            unwrap<Reply>(reply);
          }
        }
        await job.moveToWait(orphan.token);
        return;
      }
      const error = verdict.final ? new UnrecoverableError(verdict.message) : new Error(verdict.message);
      error.stack = verdict.stack;
      await job.moveToFailed(error, orphan.token, false);
    },
    async close(): Promise<void> {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      engine.close();
    },
  };
}
export type Orphanage = ReturnType<typeof createOrphanage>;
