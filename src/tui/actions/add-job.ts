import { JobQueueError } from '../../errors.ts';
import type { JobOptions } from '../../handlers/define-handler.ts';
import { requestLike } from '../../jobs/copy-job.ts';
import { enqueue, type EnqueueRequest } from '../../jobs/enqueue.ts';
import type { Project } from '../../jobs/project.ts';
import type { Json } from '../../lib/json.ts';
import { editFile, type ShowFile } from './edit-file.ts';
import type { Target } from './target.ts';

/**
 * Lets a person write a job, which is added then: after another one, or from nothing for a queue.
 * @returns what was done
 * @throws JobQueueError as {@link editFile} and `enqueue`
 */
export async function addLike(project: Project, target: Target, show: ShowFile): Promise<string> {
  const { type, payload, options } = await modelOf(project, target);
  const before = { type, payload, options } as unknown as Json;
  return editFile('job', before, show, async (written) => {
    const request = requestOf(written);
    const { id, queue } = await enqueue(project, {
      ...request,
      isParsed: true,
      // Who has no handlers here looks at those of others, and knows their types.
      allowUnknown: request.type === type || (await project.handlers.loadAll()).handlers.size === 0,
      by: project.caller.who,
    });
    return `added ${id} to ${queue}`;
  });
}

async function modelOf(project: Project, target: Target): Promise<EnqueueRequest> {
  if (target.kind === 'job') return requestLike(project, target.id, target.queue);
  return { type: '', payload: {}, options: target.kind === 'queue' ? { queue: target.name } : {} };
}

/** @throws JobQueueError USAGE */
function requestOf(written: Json): Pick<EnqueueRequest, 'type' | 'payload' | 'options'> {
  const { type, payload, options = {}, ...rest } = asObject(written, 'the job');
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    throw new JobQueueError('USAGE', `Expected type, payload and options, got ${JSON.stringify(unknown)} too`);
  }
  // What type and options have to be is checked with the rest.
  return { type: type as string, payload, options: asObject(options, 'its options') as JobOptions };
}

function asObject(value: Json, what: string): { [key: string]: Json } {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  throw new JobQueueError('USAGE', `Expected ${what} to be a JSON object`);
}
