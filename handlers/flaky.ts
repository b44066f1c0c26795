import { defineHandler } from 'jobqueue';
import { z } from 'zod';

/** Fails `failures` times and then works: shows retries. With 5 failures or more it becomes a dead letter. */
export default defineHandler({
  description: 'Fails a few times, then works',
  input: z.object({ failures: z.int().min(0).default(2) }),
  attempts: 5,
  backoff: { type: 'fixed', delay: '200ms' },

  run({ failures }, { job: { attempt } }) {
    if (attempt <= failures) throw new Error(`Attempt ${attempt} fails, as the first ${failures} do`);
    return { attempt };
  },
});
