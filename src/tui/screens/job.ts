import type { JobDetail } from '../../jobs/job.ts';
import { amount, type Cell } from '../cells.ts';
import { JOB_TABS, type PlaceOf } from '../places.ts';
import { STATE_TONES } from './job-columns.ts';
import { isInFlow } from './job-text.ts';
import { defineScreen, type Tab } from './screen.ts';

type AboutJob = PlaceOf<'job'> | PlaceOf<'flow'>;

/** One job, as a text. What it says is made by `job-text.ts`. */
export const jobScreen = defineScreen<never, 'job'>({
  id: 'job',
  title: 'Job',
  isText: true,
  firstSort: () => ({ column: '', descending: false }),
  columns: () => [],
  badge: () => 0,
  summary: ({ page }, place) => jobSummary(page?.job, place),
  tabs: ({ page }, place) => jobTabs(page?.job, place),
  identity: () => '',
  flag: () => '',
  empty: () => '',
});

/** Which job it is, and how it stands. */
export function jobSummary(job: JobDetail | undefined, { queue, id }: AboutJob): Cell[] {
  const place = job?.queue ?? queue;
  const where: Cell[] = [{ text: place === '' ? id : `${place} › ${id}`, tone: 'strong' }];
  if (!job) return where;
  return [
    ...where,
    job.type,
    { text: job.state === 'failed' ? 'dead' : job.state, tone: STATE_TONES[job.state] ?? 'warning' },
    `${job.attempts}/${job.maxAttempts} attempts`,
  ];
}

/** The pages of a job; that of its flow where it is in one. */
export function jobTabs(job: JobDetail | undefined, place: AboutJob): Tab[] {
  const { queue, id } = place;
  const tab = (name: string, current: boolean, to: AboutJob): Tab => {
    const title = titleOf(name, job?.logs.length ?? 0);
    return { title, short: title, current, place: to };
  };
  const isFlow = place.screen === 'flow';
  return [
    ...JOB_TABS.map((name) => tab(name, !isFlow && place.tab === name, { screen: 'job', queue, id, tab: name })),
    ...(isFlow || isInFlow(job) ? [tab('flow', isFlow, { screen: 'flow', queue, id })] : []),
  ];
}

const titleOf = (name: string, logs: number): string =>
  `${name.charAt(0).toUpperCase()}${name.slice(1)}${name === 'logs' && logs > 0 ? ` ${amount(logs)}` : ''}`;
