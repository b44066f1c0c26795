import type { QueueSummary, Snapshot, WorkerSummary } from '../jobs/snapshot-types.ts';
import { count } from '../lib/text.ts';
import { age, type Cell } from './cells.ts';

/** `noworker`: jobs wait, none runs, and no worker listens. */
export type QueueHealth = 'ok' | 'paused' | 'noworker';

export function healthOf(queue: QueueSummary): QueueHealth {
  if (queue.paused) return 'paused';
  const listening = queue.workers + (queue.foreignWorkers ?? 0);
  return queue.waiting > 0 && listening === 0 && queue.active === 0 ? 'noworker' : 'ok';
}

/** What somebody should look at, the worst first. */
export function troublesOf({ queues, workers, at }: Snapshot): Cell[] {
  const lost = workers.filter(({ state }) => state === 'lost');
  const paused = queues.filter((queue) => healthOf(queue) === 'paused');
  const unserved = queues.filter((queue) => healthOf(queue) === 'noworker');
  return [
    ...lost.map((worker) =>
      alarm(`! ${addressOf(worker)}: no heartbeat for ${age(at.getTime() - worker.beatAt.getTime())}`),
    ),
    ...unserved.map(({ name, waiting }) => alarm(`! ${name}: ${count(waiting, 'job')} waiting, no worker listening`)),
    ...paused.map((queue) =>
      warning(`P ${queue.name}: paused${whenPaused(queue, at)}, ${count(queue.waiting, 'job')} waiting`),
    ),
    ...workers
      .filter(({ state }) => state === 'stopping' || state === 'quiet')
      .map((worker) => warning(`S ${addressOf(worker)}: ${worker.state}, ${count(worker.busy, 'job')} to finish`)),
  ];
}

function whenPaused({ pausedAt, pausedBy }: QueueSummary, at: Date): string {
  const when = pausedAt === null ? '' : ` ${age(at.getTime() - pausedAt.getTime())} ago`;
  return pausedBy === null ? when : `${when} by ${pausedBy}`;
}

/** A worker as people know it: `web-1:2210`. */
export const addressOf = ({ host, pid }: WorkerSummary): string => `${host}:${pid}`;

const alarm = (text: string): Cell => ({ text, tone: 'alarm' });
const warning = (text: string): Cell => ({ text, tone: 'warning' });
