import { JOB_TABS, type JobTab } from '../places.ts';
import { amount, type Cell } from '../cells.ts';
import { isInFlow, STATE_TONES } from './job-text.ts';
import { defineScreen } from './screen.ts';

/** One job, as a text. What it says is made by `job-text.ts`. */
export const jobScreen = defineScreen<never, 'job'>({
  id: 'job',
  title: 'Job',
  isText: true,
  firstSort: () => ({ column: '', descending: false }),
  columns: () => [],
  badge: () => 0,
  summary({ page }, { queue, id }) {
    const job = page?.job;
    const place = job?.queue ?? queue;
    const where: Cell[] = [{ text: place === '' ? id : `${place} › ${id}`, tone: 'strong' }];
    if (!job) return where;
    return [
      ...where,
      job.type,
      { text: job.state === 'failed' ? 'dead' : job.state, tone: STATE_TONES[job.state] ?? 'warning' },
      `${job.attempts}/${job.maxAttempts} attempts`,
    ];
  },
  tabs: ({ page }, place) =>
    JOB_TABS.filter((tab) => tab !== 'flow' || tab === place.tab || isInFlow(page?.job)).map((tab) => {
      const title = titleOf(tab, page?.job?.logs.length ?? 0);
      return { title, short: title, current: tab === place.tab, place: { ...place, tab } };
    }),
  identity: () => '',
  flag: () => '',
  empty: () => '',
});

const titleOf = (tab: JobTab, logs: number): string =>
  `${tab.charAt(0).toUpperCase()}${tab.slice(1)}${tab === 'logs' && logs > 0 ? ` ${amount(logs)}` : ''}`;
