import { type QueueEvent, readEvents } from '../broker/read-events.ts';
import { queuesOf } from './find-jobs.ts';
import type { Project } from './project.ts';

/** Something that happened to a job or a queue. */
export interface WatchedEvent {
  /** Of no other event. */
  key: string;
  at: Date;
  queue: string;
  /** BullMQ's word. */
  name: string;
  /** Null for what happens to the queue itself. */
  jobId: string | null;
  /** The error, the result, the progress, or the state that it came from. */
  detail: string;
}

export interface EventWatch {
  /** What has happened since the last look, oldest first; the first look gives the last few events. */
  look(): Promise<WatchedEvent[]>;
}

/** Read with one look. What a queue has more is read with the next. */
const MOST_FIRST = 100;
const MOST = 1000;

/**
 * Watches one queue, or all there are at each look. BullMQ keeps about 10,000 events a queue: whoever looks too seldom
 * misses some.
 */
export function watchEvents(project: Project, queue?: string): EventWatch {
  const after = new Map<string, string>();
  return {
    async look() {
      const queues = await queuesOf(project, queue);
      const found = await readEvents(project.broker, queues, after, after.size === 0 ? MOST_FIRST : MOST);
      for (const each of queues) if (!after.has(each)) after.set(each, '0-0');
      for (const { queue: each, place } of found) after.set(each, place);
      return found.map(toWatched).toSorted((a, b) => a.at.getTime() - b.at.getTime());
    },
  };
}

function toWatched({ queue, place, name, fields }: QueueEvent): WatchedEvent {
  const { jobId, failedReason, returnvalue, data, delay, prev } = fields;
  const detail = failedReason ?? returnvalue ?? data ?? (delay === undefined ? undefined : `until ${dateOf(delay)}`);
  return {
    key: `${queue} ${place}`,
    at: new Date(Number(place.split('-', 1)[0])),
    queue,
    name,
    jobId: jobId ?? null,
    detail: detail ?? (prev === undefined ? (fields.name ?? '') : `was ${prev}`),
  };
}

function dateOf(ms: string): string {
  const date = new Date(Number(ms));
  return Number.isNaN(date.getTime()) ? ms : date.toISOString();
}
