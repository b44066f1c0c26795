import { pauseQueue as pauseQueueIn } from '../broker/pause-queue.ts';
import { audit } from './audit.ts';
import { queuesOf } from './find-jobs.ts';
import type { Project } from './project.ts';

/** Lets workers take no more jobs of a queue, or lets them again; what runs goes on. @throws JobQueueError UNKNOWN_QUEUE */
export async function pauseQueue(project: Project, name: string, paused: boolean): Promise<void> {
  for (const queue of await queuesOf(project, name)) {
    await pauseQueueIn(project.broker, queue, paused);
    await audit(project, { what: paused ? 'pause' : 'resume', count: 1, id: queue });
  }
}
