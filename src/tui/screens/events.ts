import type { WatchedEvent } from '../../jobs/watch-events.ts';
import { clockTime } from '../clock-time.ts';
import type { Tone } from '../paint.ts';
import { tail } from '../table.ts';
import { defineScreen } from './screen.ts';

const TONES: Record<string, Tone> = {
  completed: 'good',
  failed: 'alarm',
  'retries-exhausted': 'alarm',
  stalled: 'alarm',
  paused: 'warning',
  resumed: 'warning',
};

/** What BullMQ says happens, live. */
export const eventsScreen = defineScreen<WatchedEvent, 'events'>({
  id: 'events',
  title: 'Events',
  firstSort: () => ({ column: 'TIME', descending: true }),
  columns: ({ queue }) => [
    {
      title: 'TIME',
      align: 'left',
      width: [12, 12],
      cell: ({ at }) => `${clockTime(at.getTime())}.${String(at.getMilliseconds()).padStart(3, '0')}`,
      value: ({ at }) => at.getTime(),
    },
    {
      title: 'EVENT',
      align: 'left',
      width: [11, 17],
      grows: 3,
      cell: ({ name }) => (TONES[name] ? { text: name, tone: TONES[name] } : name),
      value: ({ name }) => name,
    },
    ...(queue === undefined
      ? [
          {
            title: 'QUEUE',
            align: 'left',
            width: [10, 16],
            grows: 2,
            cell: ({ queue: each }: WatchedEvent) => each,
            value: ({ queue: each }: WatchedEvent) => each,
          } as const,
        ]
      : []),
    {
      title: 'JOB',
      align: 'left',
      width: [9, 36],
      grows: 4,
      cell: ({ jobId }, { width }) => tail(jobId ?? '', width),
      value: ({ jobId }) => jobId ?? '',
    },
    { title: 'WHAT', align: 'left', width: [8, 40], grows: 1, cell: ({ detail }) => detail },
  ],
  follows: true,
  badge: () => 0,
  summary: ({ page }, { queue }) => [
    `events of ${queue ?? 'all queues'} since you look`,
    ...(page ? [`${page.rows.length} kept`] : []),
  ],
  identity: ({ key }) => key,
  searched: ({ name, queue, jobId, detail }) => `${name} ${queue} ${jobId ?? ''} ${detail}`,
  flag: ({ name }) => (TONES[name] === 'alarm' ? { text: '!', tone: 'alarm' } : ''),
  detail: ({ jobId, detail }) => [{ text: jobId ?? '', tone: 'strong' }, detail],
  empty: () => 'Nothing has happened yet. What happens from now on is shown here.',
  opens: ({ queue, jobId }) => (jobId === null ? undefined : { screen: 'job', queue, id: jobId, tab: 'overview' }),
});
