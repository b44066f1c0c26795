import { defineCommand } from '../framework/define-command.ts';
import { PAGE_FLAGS, printFound } from './print-found.ts';

export const jobsFind = defineCommand({
  name: 'find',
  summary: 'find jobs in any state by what they are, hold or failed with',
  description: `Put the filter into single quotes, so that the shell leaves it alone. See jq help filters.`,
  arguments: {
    filter: {
      label: 'FILTER',
      description: 'What the jobs must be: type:send-* attempts:>3 "timed out"',
      required: true,
      variadic: true,
      complete: 'fields',
    },
  },
  options: [],
  flags: PAGE_FLAGS,
  examples: [
    { run: "jq jobs find 'payload.userId:7 since:2h'", says: 'what was done for one user' },
    { run: "jq jobs find 'type:send-* state:active ran:>1m'", says: 'what takes long' },
    { run: 'jq jobs find ada@example.com', says: 'wherever that stands in a job' },
  ],
  async run(context, { args: { filter }, flags }) {
    const { parseFilter } = await import('../../src/jobs/filter/parse.ts');
    await printFound(context, parseFilter(filter.join(' ')), flags);
  },
});
