import { readPayloads } from '../broker/dead-letters.ts';
import { readRelations } from '../broker/read-relations.ts';
import type { JobOptions } from '../handlers/define-handler.ts';
import { asObject, type Json, parseExactJson } from '../lib/json.ts';
import { enqueue, type EnqueueRequest } from './enqueue.ts';
import { getJob, locateJob } from './find-jobs.ts';
import type { Project } from './project.ts';

/**
 * What would have to be asked for to have another job like this one: its type, its payload, and of its options what ours can
 * say. It runs as soon as its turn comes. @throws JobQueueError JOB_NOT_FOUND
 */
export async function requestLike(project: Project, id: string, queue?: string): Promise<EnqueueRequest> {
  const { broker } = project;
  const place = await locateJob(project, id, queue);
  const [job, [payload], { options }] = await Promise.all([
    getJob(project, id, place),
    readPayloads(broker, place, [id]),
    readRelations(broker, place, id),
  ]);
  const { backoff, jq } = asObject(options);
  const { timeoutMs } = asObject(jq);
  return {
    type: job.type,
    payload: parseExactJson(payload ?? 'null'),
    isParsed: true,
    options: {
      queue: place,
      attempts: job.maxAttempts,
      ...(job.priority > 0 ? { priority: job.priority } : {}),
      ...backoffOf(asObject(backoff)),
      ...(typeof timeoutMs === 'number' && timeoutMs > 0 ? { timeout: timeoutMs } : {}),
    },
    // Its handler may live elsewhere.
    allowUnknown: true,
    by: project.caller.who,
  };
}

/** Adds a job like this one, whatever became of that. @returns its id @throws JobQueueError as `enqueue`; JOB_NOT_FOUND */
export async function duplicateJob(project: Project, id: string, queue?: string): Promise<string> {
  return (await enqueue(project, await requestLike(project, id, queue))).id;
}

function backoffOf({ type, delay, jitter }: Record<string, Json | undefined>): Pick<JobOptions, 'backoff'> {
  if ((type !== 'exponential' && type !== 'fixed') || typeof delay !== 'number') return {};
  return { backoff: { type, delay, ...(typeof jitter === 'number' ? { jitter } : {}) } };
}
