import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { JobQueueError } from '../../errors.ts';
import { editJob } from '../../jobs/edit-job.ts';
import { getJob } from '../../jobs/find-jobs.ts';
import type { Project } from '../../jobs/project.ts';
import { readDeadPayload, replayDeadLetters } from '../../jobs/replay-dead-letters.ts';
import { type Json, parseExactJson, parseJson } from '../../lib/json.ts';
import type { Target } from './target.ts';

type JobTarget = Target & { kind: 'job' };

/** Shows a file to a person until they are done with it. @returns how that failed, undefined when it did not */
export type ShowFile = (file: string) => Promise<string | undefined>;

/**
 * Lets a person change the payload of a job: a dead one is replayed with it, one that waits has it when it runs. What is
 * refused stays in its file, and the error says where.
 * @returns what was done
 * @throws JobQueueError JOB_NOT_FOUND, JOB_STATE, FAILED when the editor does, INVALID_JSON, INVALID_PAYLOAD
 */
export async function editTarget(project: Project, target: JobTarget, show: ShowFile): Promise<string> {
  const isDead = target.state === 'failed';
  const before = isDead
    ? parseExactJson((await readDeadPayload(project, target.id, target.queue)).payload)
    : (await getJob(project, target.id, target.queue)).payload;
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'jq-edit-'));
  const file = path.join(folder, 'payload.json');
  let keep = false;
  try {
    const text = JSON.stringify(before, null, 2);
    await fs.writeFile(file, `${text}\n`, { mode: 0o600 });
    const how = await show(file);
    if (how !== undefined) return `Nothing was done: the editor ${how}`;
    const edited = await fs.readFile(file, 'utf8');
    if (edited.trim() === text.trim()) return 'Nothing was changed, so nothing was done';
    keep = true;
    const done = await store(project, target, readPayload(edited));
    keep = false;
    return done;
  } catch (error) {
    if (!keep || !(error instanceof JobQueueError)) throw error;
    throw new JobQueueError(error.code, `${error.message}. What you wrote is in ${file}`, { cause: error });
  } finally {
    if (!keep) await fs.rm(folder, { recursive: true, force: true });
  }
}

async function store(project: Project, { id, queue, state }: JobTarget, payload: Json): Promise<string> {
  if (state !== 'failed') {
    await editJob(project, id, { payload }, queue);
    return `changed ${id}`;
  }
  // The handler need not live here: any BullMQ queue can be looked at.
  const change = { assignments: [{ path: [], value: payload }], allowUnknown: true };
  const { replayed } = await replayDeadLetters(project, { ids: [id], queue }, { change });
  if (replayed === 0) throw new JobQueueError('JOB_STATE', `Job ${id} is not dead any more`);
  return `replayed ${id} with its new payload`;
}

/** @throws JobQueueError INVALID_JSON */
function readPayload(text: string): Json {
  const parsed = parseJson(text);
  if ('value' in parsed) return parseExactJson(text);
  const { line, column, reason } = parsed.fault;
  throw new JobQueueError('INVALID_JSON', `The payload is not JSON: line ${line}, column ${column}: ${reason}`);
}
