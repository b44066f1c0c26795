import { JobQueueError } from '../../errors.ts';
import { editJob } from '../../jobs/edit-job.ts';
import { getJob } from '../../jobs/find-jobs.ts';
import type { Project } from '../../jobs/project.ts';
import { readDeadPayload, replayDeadLetters } from '../../jobs/replay-dead-letters.ts';
import { type Json, parseExactJson } from '../../lib/json.ts';
import { editFile, type ShowFile } from './edit-file.ts';
import type { Target } from './target.ts';

/**
 * Lets a person change the payload of a job: a dead one is replayed with it, one that waits has it when it runs.
 * @returns what was done
 * @throws JobQueueError as {@link editFile}; JOB_NOT_FOUND, JOB_STATE, INVALID_PAYLOAD
 */
export async function editTarget(project: Project, target: Target, show: ShowFile): Promise<string> {
  if (target.kind !== 'job') throw new TypeError('Only jobs have a payload');
  const { id, queue, state } = target;
  const isDead = state === 'failed';
  const before = isDead
    ? parseExactJson((await readDeadPayload(project, id, queue)).payload)
    : (await getJob(project, id, queue)).payload;
  return editFile('payload', before, show, (payload) =>
    isDead ? replayWith(project, id, queue, payload) : change(project, id, queue, payload),
  );
}

async function change(project: Project, id: string, queue: string, payload: Json): Promise<string> {
  await editJob(project, id, { payload }, queue);
  return `changed ${id}`;
}

async function replayWith(project: Project, id: string, queue: string, payload: Json): Promise<string> {
  // The handler need not live here: any BullMQ queue can be looked at.
  const assigned = { assignments: [{ path: [], value: payload }], allowUnknown: true };
  const { replayed } = await replayDeadLetters(project, { ids: [id], queue }, { change: assigned });
  if (replayed === 0) throw new JobQueueError('JOB_STATE', `Job ${id} is not dead any more`);
  return `replayed ${id} with its new payload`;
}
