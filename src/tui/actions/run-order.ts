import { JobQueueError, messageOf } from '../../errors.ts';
import { cancelJob } from '../../jobs/cancel-job.ts';
import { promoteJob, removeJob, retryJob } from '../../jobs/change-jobs.ts';
import { changeMatching } from '../../jobs/change-matching.ts';
import { removeSchedule, runSchedule } from '../../jobs/change-schedules.ts';
import { duplicateJob } from '../../jobs/copy-job.ts';
import { controlWorker } from '../../jobs/control-workers.ts';
import { removeDeadLetters, replayDeadLetters } from '../../jobs/dead-letters.ts';
import { editJob } from '../../jobs/edit-job.ts';
import { parseFilter } from '../../jobs/filter/parse.ts';
import { limitQueue } from '../../jobs/limit-queue.ts';
import { pauseQueue, resumeQueue } from '../../jobs/pause-queue.ts';
import type { Project } from '../../jobs/project.ts';
import { removeQueue } from '../../jobs/remove-queue.ts';
import { renderLimits } from '../../jobs/render-limits.ts';
import { count } from '../../lib/text.ts';
import { type ActionId, actionOf } from './index.ts';
import type { Chosen, Order, Outcome, RunFailure } from './order.ts';
import { nameOf, type Target } from './target.ts';
import { parseLimits, parseWhen } from './wanted-text.ts';

export interface Control {
  signal: AbortSignal;
  onProgress(done: number): void;
}

/** Does what was ordered, by the functions that the commands call; each writes its line into the audit. */
export function runOrder(project: Project, order: Order, control: Control): Promise<Outcome> {
  const { to } = order;
  switch (to.are) {
    case 'these':
      return runEach(project, order, to, control);
    case 'matching':
      return runMatching(project, order, to, control);
    case 'letters':
      return runLetters(project, order, to, control);
  }
}

/** One by one; one that refuses does not hinder the others. */
async function runEach(
  project: Project,
  order: Order,
  { targets }: Extract<Chosen, { are: 'these' }>,
  { signal, onProgress }: Control,
): Promise<Outcome> {
  const failures: RunFailure[] = [];
  let done = 0;
  let said: string | undefined;
  for (const target of targets) {
    if (signal.aborted) break;
    try {
      said = await doOne(project, order, target, { signal, onProgress });
      done += 1;
      onProgress(done);
    } catch (error) {
      if (!(error instanceof JobQueueError)) throw error;
      failures.push({ name: nameOf(target), reason: messageOf(error) });
      // When Redis is away, it is away for the others too.
      if (error.exitCode === 4) break;
    }
  }
  const stopped = done + failures.length < targets.length;
  return { done, failures, stopped, ...(targets.length === 1 && said !== undefined ? { said } : {}) };
}

/** @returns what was done, in words */
async function doOne(
  project: Project,
  { action, typed = '' }: Order,
  target: Target,
  control: Control,
): Promise<string> {
  switch (target.kind) {
    case 'job':
      return doToJob(project, action, typed, target);
    case 'queue':
      return doToQueue(project, action, typed, target, control);
    case 'worker':
      await controlWorker(project, target.id, { kind: action === 'stop' ? 'stop' : 'quiet' });
      return action === 'stop' ? `${target.id} ends` : `${target.id} takes no more jobs`;
    case 'schedule':
      return doToSchedule(project, action, target);
    case 'group':
      throw new TypeError('A group is done by its letters');
  }
}

async function doToJob(
  project: Project,
  action: ActionId,
  typed: string,
  { id, queue }: Target & { kind: 'job' },
): Promise<string> {
  if (action === 'duplicate') return `added ${await duplicateJob(project, id, queue)} like ${id}`;
  if (action === 'replay') await retryJob(project, id, queue);
  else if (action === 'promote') await promoteJob(project, id, queue);
  else if (action === 'cancel') await cancelJob(project, id, queue);
  else if (action === 'reschedule') await editJob(project, id, parseWhen(typed)!, queue);
  else await removeJob(project, id, queue);
  return `${actionOf(action).done} ${id}`;
}

async function doToQueue(
  project: Project,
  action: ActionId,
  typed: string,
  { name, paused }: Target & { kind: 'queue' },
  control: Control,
): Promise<string> {
  if (action === 'limit') {
    const limits = await limitQueue(project, name, parseLimits(typed)!);
    return `${name}: ${renderLimits(limits) || 'no limits'}`;
  }
  if (action === 'drop') {
    const { removed, isGone } = await removeQueue(project, name, control);
    return isGone ? `removed ${name} and ${count(removed, 'job')}` : `${name} is paused: the same again goes on`;
  }
  if (paused) await resumeQueue(project, name);
  else await pauseQueue(project, name);
  return paused ? `resumed ${name}` : `paused ${name}: ${actionOf(action).key} resumes it`;
}

async function doToSchedule(
  project: Project,
  action: ActionId,
  { queue, id }: Target & { kind: 'schedule' },
): Promise<string> {
  if (action === 'run') return `${await runSchedule(project, queue, id)} waits for its turn`;
  await removeSchedule(project, queue, id);
  return `deleted ${id}`;
}

async function runMatching(
  project: Project,
  { action }: Order,
  { filter }: Extract<Chosen, { are: 'matching' }>,
  { signal, onProgress }: Control,
): Promise<Outcome> {
  const failures: RunFailure[] = [];
  const done = await changeMatching(project, actionOf(action).matching!, parseFilter(filter), {
    scanLimit: Infinity,
    signal,
    onProgress,
    onRefused: (refused) => failures.push(...refused.map(({ id, reason }) => ({ name: id, reason }))),
  });
  return { done, failures, stopped: signal.aborted };
}

async function runLetters(
  project: Project,
  { action }: Order,
  { filters }: Extract<Chosen, { are: 'letters' }>,
  { signal, onProgress }: Control,
): Promise<Outcome> {
  const batches: string[] = [];
  let before = 0;
  for (const filter of filters) {
    if (signal.aborted) break;
    const options = { signal, onProgress: (done: number) => onProgress(before + done) };
    if (action === 'remove') before += (await removeDeadLetters(project, filter, options)).removed;
    else {
      const { replayed, batch } = await replayDeadLetters(project, filter, options);
      before += replayed;
      if (replayed > 0) batches.push(batch);
    }
    onProgress(before);
  }
  const [batch] = batches;
  const hint = batches.length === 1 ? { hint: `undo: jq dlq replay --undo ${batch}` } : {};
  return { done: before, failures: [], stopped: signal.aborted, ...hint };
}
