import { defineCommand } from '../framework/define-command.ts';
import { chosenBy, FILTER_FLAGS, STATE_FLAGS } from './filter-flags.ts';
import { PAGE_FLAGS, printFound } from './print-found.ts';

export const jobsList = defineCommand({
  name: 'list',
  summary: 'list jobs, newest first',
  arguments: {},
  options: [],
  flags: { ...STATE_FLAGS, ...FILTER_FLAGS, ...PAGE_FLAGS },
  examples: [
    { run: 'jq jobs list --status processing', says: 'what runs right now' },
    { run: 'jq jobs list --type send-email --limit 500 --json', says: 'as data' },
  ],
  async run(context, { flags }) {
    const { filterOf } = await import('../../src/jobs/filter/from-flags.ts');
    await printFound(context, filterOf(chosenBy(flags)), flags);
  },
});
