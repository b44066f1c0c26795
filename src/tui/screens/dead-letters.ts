import type { DeadLetterSummary } from '../../jobs/snapshot-types.ts';
import { count } from '../../lib/text.ts';
import { age, amount } from '../cells.ts';
import { tail } from '../table.ts';
import { defineScreen } from './screen.ts';

export const deadLettersScreen = defineScreen<DeadLetterSummary, 'dead-letters'>({
  id: 'dead-letters',
  title: 'Dead letters',
  // The youngest age: the newest first.
  sort: { column: 'AGE', descending: false },
  columns: [
    {
      title: 'ID',
      align: 'left',
      width: [9, 36],
      grows: 4,
      cell: ({ id }, { width }) => tail(id, width),
      value: ({ id }) => id,
    },
    { title: 'TYPE', align: 'left', width: [13, 24], grows: 2, cell: ({ type }) => type, value: ({ type }) => type },
    {
      title: 'QUEUE',
      align: 'left',
      width: [10, 16],
      grows: 3,
      cell: ({ queue }) => queue,
      value: ({ queue }) => queue,
    },
    {
      title: 'TRY',
      align: 'right',
      width: [4, 4],
      cell: ({ attempts }) => amount(attempts, 4),
      value: ({ attempts }) => attempts,
    },
    {
      title: 'AGE',
      align: 'right',
      width: [4, 4],
      cell: ({ diedAt }, { at }) => age(at - diedAt.getTime()),
      value: ({ diedAt }) => -diedAt.getTime(),
    },
    {
      title: 'ERROR',
      align: 'left',
      width: [12, 36],
      grows: 1,
      cell: ({ error }) => error,
      value: ({ error }) => error,
    },
  ],
  rows: ({ deadLetters }) => deadLetters,
  badge: ({ totals }) => totals.failed,
  summary: ({ totals, queues, deadLetters }) => [
    totals.failed === 0
      ? 'no dead letters'
      : `${count(totals.failed, 'dead letter')} in ${count(queues.filter(({ failed }) => failed > 0).length, 'queue')}`,
    ...(totals.failed > deadLetters.length ? [`the newest ${amount(deadLetters.length)} are listed`] : []),
  ],
  // Queues of other programs count their ids from 1 each.
  identity: ({ queue, id }) => `${queue} ${id}`,
  searched: ({ id, type, queue, error }) => `${id} ${type} ${queue} ${error}`,
  flag: () => '',
  detail: ({ id, error }) => [{ text: id, tone: 'strong' }, error],
  empty: 'No dead letters. Jobs that fail for good are kept here.',
});
