import type { QueueLimits } from '../../src/broker/queue-settings.ts';
import { JobQueueError } from '../../src/errors.ts';
import { integer } from '../../src/lib/value-kind.ts';
import { defineCommand } from '../framework/define-command.ts';
import { rateLimit } from '../framework/flag-kinds.ts';
import { jsonText } from '../framework/json-text.ts';
import { QUEUE } from './one-queue.ts';
import { renderLimits } from '../../src/jobs/render-limits.ts';

export const queuesLimit = defineCommand({
  name: 'limit',
  group: 'Recover',
  summary: 'limit how many jobs of a queue all workers together run or start',
  description: 'It holds for all workers that run and will run, from their next job on, until it is taken away.',
  arguments: { queue: QUEUE },
  options: [],
  flags: {
    concurrency: { value: 'n', kind: integer({ min: 1, max: 1_000_000 }), description: 'Jobs at a time' },
    rate: { value: 'n/s', kind: rateLimit, description: 'Jobs started in a time: 100/s, 600/m, 20/h' },
    none: { description: 'No limits but those of the configuration' },
  },
  examples: [
    { run: 'jq queues limit mail --concurrency 3 --rate 100/s', says: 'go easy on the mail server' },
    { run: 'jq queues limit mail --none', says: 'as fast as the workers can' },
  ],
  async run(context, { args: { queue }, flags: { concurrency, rate, none } }) {
    if (none === (concurrency !== undefined || rate !== undefined)) {
      throw new JobQueueError('USAGE', 'Expected --concurrency, --rate or both, or --none');
    }
    const { limitQueue } = await import('../../src/jobs/limit-queue.ts');
    const limits: QueueLimits = none
      ? { concurrency: null, rate: null }
      : { ...(concurrency === undefined ? {} : { concurrency }), ...(rate === undefined ? {} : { rate }) };
    const now = await limitQueue(await context.project(), queue, limits);
    if (context.output.startsWith('json')) context.print(jsonText({ queue, ...now }));
    else context.print(context.forPerson ? `${queue}: ${renderLimits(now) || 'no limits'}` : queue);
  },
});
