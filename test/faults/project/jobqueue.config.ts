import { defineConfig } from 'jobqueue';

export default defineConfig({
  defaults: {
    attempts: 3,
    backoff: { type: 'fixed', delay: '50ms', jitter: 0 },
    timeout: '30s',
    // Every job must still be there when it is counted.
    keepCompleted: { age: '24h', count: 1_000_000 },
  },
  log: { level: 'warn' },
});
