import type { DeadLetterGroup } from '../../src/jobs/group-dead-letters.ts';
import { sparkline } from '../../src/lib/sparkline.ts';
import { count } from '../../src/lib/text.ts';
import { integer } from '../../src/lib/value-kind.ts';
import { defineCommand } from '../framework/define-command.ts';
import { type Column, printRows } from '../framework/print-rows.ts';
import { FILTER_FLAGS } from './filter.ts';

const TREND_COLUMNS = 12;

const COLUMNS: readonly Column<DeadLetterGroup>[] = [
  { title: 'GROUP', value: (group) => group.fingerprint },
  { title: 'DEAD', align: 'right', value: (group) => group.count },
  {
    title: 'TREND',
    optional: true,
    value: (group) => group.trend.join(','),
    show: (group) => sparkline(group.trend, TREND_COLUMNS),
  },
  { title: 'FIRST', optional: true, value: (group) => group.firstAt },
  { title: 'LAST', value: (group) => group.lastAt },
  { title: 'TYPE', value: (group) => group.type, flexible: true },
  { title: 'QUEUES', value: (group) => group.queues.join(','), flexible: true, optional: true },
  {
    title: 'ERROR',
    value: (group) => (group.errorName === null ? group.error : `${group.errorName}: ${group.error}`),
    flexible: true,
  },
  { title: 'SAMPLE', value: (group) => group.sampleId, flexible: true, optional: true },
];

export const dlqGroups = defineCommand({
  name: 'groups',
  summary: 'group dead letters by what went wrong, the largest group first',
  description: `Alike are those of one type and error whose messages differ only in numbers, ids, addresses and quoted texts. The trend is
that of the last 24 hours, or of the time that --since names.`,
  arguments: {},
  options: [],
  flags: {
    ...FILTER_FLAGS,
    limit: { value: 'n', kind: integer({ min: 1, max: 10_000 }), description: 'At most so many groups (default 50)' },
  },
  examples: [
    { run: 'jq dlq groups', says: 'what went wrong, and how often' },
    { run: 'jq dlq groups --since 8h --queue mail --json', says: 'as data' },
  ],
  async run(context, { flags: { limit = 50, ...filter } }) {
    const { groupDeadLetters } = await import('../../src/jobs/group-dead-letters.ts');
    const found = await groupDeadLetters(await context.project(), filter, { limit });
    const { groups, total, complete } = found;
    printRows(context, {
      columns: COLUMNS,
      rows: groups,
      json: found,
      id: (group) => group.fingerprint,
      empty: 'No dead letters',
    });
    const shown = groups.reduce((sum, group) => sum + group.count, 0);
    if (context.forPerson && shown < total) {
      const rest = `${count(total - shown, 'dead letter')} in ${complete ? 'other groups: --limit' : 'groups that are not counted'}`;
      context.note(context.paintNote('dim', rest));
    }
  },
});
