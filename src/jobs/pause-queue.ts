import { pauseQueue as pauseQueueIn, resumeQueue as resumeQueueIn } from '../broker/pause-queue.ts';
import { audit } from './audit.ts';
import { queuesOf } from './find-jobs.ts';
import type { Project } from './project.ts';

/** Lets workers take no more jobs of a queue; what runs goes on. Who wanted it is kept. @throws JobQueueError UNKNOWN_QUEUE */
export async function pauseQueue(project: Project, name: string): Promise<void> {
  for (const queue of await queuesOf(project, name)) {
    await pauseQueueIn(project.broker, queue, project.caller.who);
    await audit(project, { what: 'pause', count: 1, id: queue });
  }
}

/** Lets workers take jobs of a queue again. @throws JobQueueError UNKNOWN_QUEUE */
export async function resumeQueue(project: Project, name: string): Promise<void> {
  for (const queue of await queuesOf(project, name)) {
    await resumeQueueIn(project.broker, queue);
    await audit(project, { what: 'resume', count: 1, id: queue });
  }
}
