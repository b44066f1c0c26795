import { defineConfig } from 'jobqueue';

export default defineConfig({
  handlers: './handlers',
  queues: {
    default: { concurrency: 5 },
    mail: { concurrency: 10, rateLimit: { max: 100, per: '1s' }, maxDepth: 100_000 },
  },
  defaults: {
    attempts: 5,
    backoff: { type: 'exponential', delay: '2s', jitter: 0.2 },
    timeout: '5m',
    keepCompleted: { age: '24h', count: 10_000 },
  },
});
