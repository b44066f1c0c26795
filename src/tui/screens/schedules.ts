import type { ScheduleRecord } from '../../broker/schedules.ts';
import { renderDuration } from '../../lib/duration.ts';
import { count } from '../../lib/text.ts';
import { age, amount, type Cell, flagged, known } from '../cells.ts';
import { defineScreen } from './screen.ts';

/** A schedule that was due so long ago has no worker, or one that cannot keep up. */
const LATE_MS = 60_000;

const isLate = ({ nextAt }: ScheduleRecord, at: number): boolean => at - nextAt > LATE_MS;

/** What other programs have scheduled with BullMQ: `jq` itself makes none. */
export const schedulesScreen = defineScreen<ScheduleRecord, 'schedules'>({
  id: 'schedules',
  title: 'Schedules',
  firstSort: () => ({ column: 'NEXT', descending: false }),
  columns: () => [
    { title: 'SCHEDULE', align: 'left', width: [12, 36], grows: 2, cell: ({ id }) => id, value: ({ id }) => id },
    {
      title: 'QUEUE',
      align: 'left',
      width: [9, 24],
      grows: 3,
      cell: ({ queue }) => queue,
      value: ({ queue }) => queue,
    },
    {
      title: 'TYPE',
      align: 'left',
      width: [8, 24],
      leaves: 1,
      cell: ({ type }) => known(type, (name) => name),
      value: ({ type }) => type ?? '',
    },
    { title: 'RULE', align: 'left', width: [12, 40], grows: 1, cell: ruleOf, value: ({ everyMs }) => everyMs ?? 0 },
    {
      title: 'NEXT',
      align: 'right',
      width: [6, 8],
      cell: (schedule, { at }) =>
        schedule.nextAt > at
          ? age(schedule.nextAt - at)
          : flagged(`-${age(at - schedule.nextAt)}`, isLate(schedule, at)),
      value: ({ nextAt }) => nextAt,
    },
    {
      title: 'RUNS',
      align: 'right',
      width: [5, 9],
      cell: ({ runs }, { width }) => amount(runs, width),
      value: ({ runs }) => runs,
    },
  ],
  badge: () => 0,
  summary({ page, snapshot }) {
    const late = (page?.rows as readonly ScheduleRecord[] | undefined)?.filter((each) =>
      isLate(each, snapshot.at.getTime()),
    );
    return [
      { text: 'Schedules', tone: 'strong' },
      ...(page ? [count(page.total ?? 0, 'schedule')] : []),
      ...(late && late.length > 0 ? [{ text: `${amount(late.length)} late`, tone: 'alarm' } as const] : []),
    ];
  },
  identity: ({ queue, id }) => `${queue} ${id}`,
  searched: ({ queue, id, type }) => `${queue} ${id} ${type ?? ''}`,
  flag: () => '',
  detail: ({ id, limit, endsAt, timezone }) => [
    { text: id, tone: 'strong' },
    ...(timezone === null ? [] : [timezone]),
    ...(limit === null ? [] : [`${amount(limit)} times at most`]),
    ...(endsAt === null ? [] : [`until ${new Date(endsAt).toISOString()}`]),
  ],
  empty: () => 'No program has scheduled jobs here.',
  opens: ({ queue, id, nextAt }) => ({ screen: 'job', queue, id: `repeat:${id}:${nextAt}`, tab: 'overview' }),
  target: ({ queue, id }) => ({ kind: 'schedule', queue, id }),
});

function ruleOf({ pattern, everyMs, timezone }: ScheduleRecord): Cell {
  if (everyMs !== null) return `every ${renderDuration(everyMs)}`;
  return known(pattern, (text) => (timezone === null ? text : `${text}  ${timezone}`));
}
