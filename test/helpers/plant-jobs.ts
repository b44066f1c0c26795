import type { JobState } from '../../src/jobs/job.ts';
import type { Redis } from '../../src/broker/redis.ts';

const LISTS: Partial<Record<JobState, string>> = { waiting: 'wait', active: 'active' };

export interface PlantedJob {
  id: string;
  state: JobState;
  queue?: string;
  type?: string;
  payload?: unknown;
  /** Fields of the hash beside those that every job has. */
  fields?: Record<string, string | number>;
  createdAt?: number;
  /** Where it stands in a sorted set. */
  score?: number;
}

/** Puts jobs into their states as a plain BullMQ program leaves them: none of our fields. The last one is the newest. */
export async function plantJobs(redis: Redis, jobs: readonly PlantedJob[]): Promise<void> {
  await redis.pipeline(
    jobs.flatMap(
      ({ id, state, queue = 'mail', type = 'x', payload = {}, fields = {}, createdAt = 1e12, score = createdAt }) => {
        const stem = `bull:${queue}:`;
        const ended = state === 'completed' || state === 'failed' ? { finishedOn: score, processedOn: score - 5 } : {};
        const hash = {
          name: type,
          data: JSON.stringify(payload),
          timestamp: createdAt,
          opts: '{"attempts":3}',
          ...ended,
          ...fields,
        };
        const list = LISTS[state];
        return [
          ['SADD', 'jq:bull:queues', queue],
          ['HSET', `${stem}meta`, 'version', 'bullmq:5.66.0'],
          ['HSET', stem + id, ...Object.entries(hash).flat()],
          list ? ['LPUSH', stem + list, id] : ['ZADD', stem + state, state === 'delayed' ? score * 0x1000 : score, id],
        ];
      },
    ),
  );
}
