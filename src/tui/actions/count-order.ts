import { countDeadLetters } from '../../jobs/dead-letters.ts';
import { countMatching } from '../../jobs/change-matching.ts';
import { createFilter, joinFilters } from '../../jobs/filter/filter.ts';
import { parseFilter } from '../../jobs/filter/parse.ts';
import { renderFilter } from '../../jobs/filter/render.ts';
import type { Job } from '../../jobs/job.ts';
import type { Project } from '../../jobs/project.ts';
import type { Question } from '../state.ts';
import { actionOf } from './index.ts';
import type { Order } from './order.ts';

export interface Count {
  /** The same order, which means nothing that came since. */
  fixed: Order;
  counted: NonNullable<Question['counted']>;
}

interface Counting {
  signal: AbortSignal;
  onLooked(amount: number): void;
}

const SAMPLES = 5;

/** How many an order would concern, and the first few of them. */
export async function countOrder(project: Project, order: Order, counting: Counting): Promise<Count> {
  const until = project.broker.clock.now();
  const { to } = order;
  switch (to.are) {
    case 'matching':
      return countFitting(project, order, to.filter, until, counting);
    case 'letters': {
      const filters = to.filters.map((filter) => ({ ...filter, until: Math.min(filter.until ?? until, until) }));
      const found = await Promise.all(filters.map((filter) => countDeadLetters(project, filter)));
      const byQueue: Record<string, number> = {};
      for (const each of found) {
        for (const [queue, amount] of Object.entries(each.byQueue)) byQueue[queue] = (byQueue[queue] ?? 0) + amount;
      }
      const total = found.reduce((sum, each) => sum + each.total, 0);
      const samples = found.flatMap((each) => each.samples.map(describe)).slice(0, SAMPLES);
      return { fixed: { ...order, to: { ...to, filters } }, counted: { total, byQueue, samples } };
    }
    case 'these':
      return { fixed: order, counted: { total: to.targets.length, byQueue: {}, samples: [] } };
  }
}

async function countFitting(
  project: Project,
  order: Order,
  text: string,
  until: number,
  { signal, onLooked }: Counting,
): Promise<Count> {
  const bound = createFilter([{ field: 'until', path: [], negated: false, values: [{ kind: 'time', ms: until }] }]);
  const filter = joinFilters(parseFilter(text), bound);
  const { total, byQueue, samples } = await countMatching(project, actionOf(order.action).matching!, filter, {
    scanLimit: Infinity,
    signal,
    onProgress: (_found, looked) => onLooked(looked),
  });
  const fixed: Order = { ...order, to: { are: 'matching', filter: renderFilter(filter) } };
  return { fixed, counted: { total, byQueue, samples: samples.map(describe) } };
}

const describe = ({ id, type, error }: Job): string => [id, type, ...(error === null ? [] : [error])].join('  ');
