/** What a job that waits takes of the memory of Redis: `npm run bench:memory`. */
import { Queue } from 'bullmq';
import { addJobs } from '../../src/broker/add-jobs.ts';
import { createKeys } from '../../src/broker/keys.ts';
import { openLastingRedis } from '../../src/broker/lasting-redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { uuidV7 } from '../../src/lib/uuid.ts';
import { newJob } from '../helpers/new-job.ts';
import { type Bench, runBench } from './helpers/bench.ts';
import { startServer } from './helpers/server.ts';

const STEP = 1000;
const BARE = 'BullMQ addBulk';

export const memory: Bench<{ jobs: number; bytes: number }> = {
  name: 'memory',
  full: { jobs: 100_000, bytes: 200 },
  short: { jobs: 1000, bytes: 200 },
  async measure({ jobs, bytes }) {
    const { client, socket, stop } = await startServer(false);
    const target = parseTarget(`unix://${socket}`, 'bench');
    const redis = await openLastingRedis(target);
    const queue = new Queue('mail', { connection: { path: socket } });
    const payload = { text: 'x'.repeat(bytes - '{"text":""}'.length) };
    const list = <Job>(make: () => Job): Job[] => Array.from({ length: STEP }, make);
    const usedBytes = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(await client.info('memory'))![1]);

    async function perJob(add: () => Promise<unknown>): Promise<number> {
      await client.flushall();
      // Scripts and the events of a full stream are there already.
      await add();
      const before = await usedBytes();
      for (let added = 0; added < jobs; added += STEP) await add();
      return ((await usedBytes()) - before) / jobs;
    }

    try {
      const bare = await perJob(() => queue.addBulk(list(() => ({ name: 'send-email', data: payload }))));
      const ours = await perJob(() =>
        addJobs(
          { redis, keys: createKeys('bull'), target } as never,
          list(() => newJob({ id: `j_${uuidV7()}`, payload })),
        ),
      );
      const figure = `memory of Redis for a job that waits, payload of ${bytes} bytes`;
      return [{ figure, unit: 'bytes', ours: [ours], bare: { name: BARE, values: [bare] } }];
    } finally {
      await queue.close();
      await redis.close();
      await stop();
    }
  },
};

await runBench(memory, import.meta.main);
