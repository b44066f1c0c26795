import { readSchedules, type ScheduleRecord } from '../broker/schedules.ts';
import { queuesOf } from './find-jobs.ts';
import type { Project } from './project.ts';

/** More than one reads. */
const MOST = 500;

/**
 * What other programs have scheduled with BullMQ in all queues, those that are due next before the others.
 * @returns them, and how many there are
 */
export const listSchedules = async (project: Project): Promise<{ schedules: ScheduleRecord[]; total: number }> =>
  readSchedules(project.broker, await queuesOf(project), MOST);
