import type { DeadLetterGroup } from '../../jobs/group-dead-letters.ts';
import { sparkline } from '../../lib/sparkline.ts';
import { count } from '../../lib/text.ts';
import { age, amount } from '../cells.ts';
import { defineScreen } from './screen.ts';

/** Dead letters by what went wrong: thousands of them are mostly a handful of errors. */
export const groupsScreen = defineScreen<DeadLetterGroup, 'groups'>({
  id: 'groups',
  title: 'Dead letters',
  short: 'Dead',
  firstSort: () => ({ column: 'DEAD', descending: true }),
  columns: () => [
    {
      title: 'ERROR',
      align: 'left',
      width: [20, 90],
      grows: 1,
      cell: titleOf,
      value: titleOf,
    },
    {
      title: 'DEAD',
      align: 'right',
      width: [7, 9],
      cell: ({ count: dead }, { width }) => amount(dead, width),
      value: ({ count: dead }) => dead,
    },
    { title: 'TYPE', align: 'left', width: [12, 24], grows: 2, cell: ({ type }) => type, value: ({ type }) => type },
    {
      title: 'QUEUE',
      align: 'left',
      width: [8, 16],
      grows: 3,
      leaves: 2,
      cell: queuesOf,
      value: queuesOf,
    },
    {
      title: 'FIRST',
      align: 'right',
      width: [6, 6],
      wide: true,
      cell: ({ firstAt }, { at }) => age(at - firstAt.getTime()),
      value: ({ firstAt }) => -firstAt.getTime(),
    },
    {
      title: 'LAST',
      align: 'right',
      width: [5, 6],
      cell: ({ lastAt }, { at }) => age(at - lastAt.getTime()),
      value: ({ lastAt }) => -lastAt.getTime(),
    },
    {
      title: '24 H',
      align: 'left',
      width: [8, 24],
      grows: 4,
      leaves: 1,
      cell: ({ trend }, { width }) => ({ text: sparkline(trend, Math.min(width, 24)), tone: 'accent' }),
    },
  ],
  badge: ({ totals }) => totals.failed,
  summary({ snapshot: { totals, queues } }, { queue }) {
    const own = queue === undefined ? undefined : queues.find(({ name }) => name === queue);
    const dead = queue === undefined ? totals.failed : (own?.failed ?? 0);
    if (dead === 0) return ['no dead letters'];
    const where = queue ?? count(queues.filter(({ failed }) => failed > 0).length, 'queue');
    return [`${count(dead, 'dead letter')} in ${where}`];
  },
  identity: ({ fingerprint }) => fingerprint,
  searched: ({ type, errorName, error, queues, fingerprint }) =>
    `${fingerprint} ${type} ${errorName ?? ''} ${error} ${queues.join(' ')}`,
  flag: () => '',
  detail: (group) => [{ text: group.fingerprint, tone: 'strong' }, titleOf(group)],
  empty: () => 'No dead letters. Jobs that fail for good are kept here.',
  opens: (group, { queue }) => ({
    screen: 'letters',
    ...(queue === undefined ? {} : { queue }),
    group: group.fingerprint,
    type: group.type,
    error: titleOf(group).slice(0, 200),
  }),
  target: ({ fingerprint, type, count: dead }, { queue }) => ({
    kind: 'group',
    group: fingerprint,
    type,
    ...(queue === undefined ? {} : { queue }),
    count: dead,
  }),
});

/** `TypeError: it is <n>`; some messages begin with the name already. */
function titleOf({ errorName, error }: DeadLetterGroup): string {
  return errorName === null || error.startsWith(errorName) ? error : `${errorName}: ${error}`;
}

function queuesOf({ queues }: DeadLetterGroup): string {
  return queues.toSorted().join(',');
}
