import { integer } from '../../src/lib/value-kind.ts';
import { defineCommand } from '../framework/define-command.ts';
import { DEAD_LETTER_COLUMNS } from '../jobs/columns.ts';
import { printPage } from '../jobs/print-page.ts';
import { FILTER_FLAGS } from './filter.ts';

export const dlqList = defineCommand({
  name: 'list',
  summary: 'list dead letters, newest first',
  arguments: {},
  options: [],
  flags: {
    ...FILTER_FLAGS,
    limit: { value: 'n', kind: integer({ min: 1, max: 10_000 }), description: 'At most so many (default 50)' },
    offset: { value: 'n', kind: integer({ min: 0 }), description: 'Leave out so many first' },
  },
  examples: [
    { run: 'jq dlq list --since 24h', says: 'what died today' },
    { run: 'jq dlq list --error ECONNREFUSED --output id', says: 'the ids alone' },
  ],
  async run(context, { flags: { limit = 50, offset = 0, ...filter } }) {
    const { listDeadLetters } = await import('../../src/jobs/dead-letters.ts');
    const page = await listDeadLetters(await context.project(), filter, { limit, offset });
    printPage(context, { ...page, limit, offset }, DEAD_LETTER_COLUMNS, 'dead letter');
  },
});
