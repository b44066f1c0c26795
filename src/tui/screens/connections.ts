import { type Connection, LOOK_EVERY_MS } from '../../jobs/connections.ts';
import { age, amount, type Cell } from '../cells.ts';
import { defineScreen } from './screen.ts';

/** By what connections BullMQ programs wait for something: those of other programs can be told by nothing else. */
export const connectionsScreen = defineScreen<Connection, 'connections'>({
  id: 'connections',
  title: 'Connections',
  firstSort: () => ({ column: 'QUEUE', descending: false }),
  columns: () => [
    {
      title: 'QUEUE',
      align: 'left',
      width: [10, 24],
      grows: 2,
      cell: ({ queue }) => queue,
      value: ({ queue }) => queue,
    },
    { title: 'FOR', align: 'left', width: [6, 6], cell: ({ waitsFor }) => waitsFor, value: ({ waitsFor }) => waitsFor },
    {
      title: 'NAME',
      align: 'left',
      width: [8, 32],
      grows: 3,
      leaves: 1,
      cell: ({ worker }): Cell => worker ?? '',
      value: ({ worker }) => worker ?? '',
    },
    {
      title: 'ADDRESS',
      align: 'left',
      width: [15, 40],
      grows: 1,
      cell: ({ address }) => address,
      value: ({ address }) => address,
    },
    { title: 'AGE', align: 'right', width: [5, 6], cell: ({ ageMs }) => age(ageMs), value: ({ ageMs }) => ageMs },
    { title: 'IDLE', align: 'right', width: [5, 6], cell: ({ idleMs }) => age(idleMs), value: ({ idleMs }) => idleMs },
    {
      title: 'LAST',
      align: 'left',
      width: [8, 20],
      cell: ({ command }) => command,
      value: ({ command }) => command,
    },
  ],
  badge: () => 0,
  summary: ({ page }) => [
    { text: 'Connections', tone: 'strong' },
    ...(page ? [`${amount(page.total ?? 0)} of BullMQ programs, jq work among them`] : []),
    `looked at every ${age(LOOK_EVERY_MS)}`,
  ],
  identity: ({ key }) => key,
  searched: ({ queue, worker, address, command }) => `${queue} ${worker ?? ''} ${address} ${command}`,
  flag: () => '',
  empty: () => 'No program waits for jobs or events of BullMQ.',
});
