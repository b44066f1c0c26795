import { type DeadLetter, findDead, readPayloads } from '../broker/dead-letters.ts';
import { bringHome, replayInto } from '../broker/move-dead.ts';
import { registerQueues } from '../broker/queues.ts';
import { replayAllDead, undoReplay } from '../broker/replay-dead.ts';
import { JobQueueError } from '../errors.ts';
import { uuidV7 } from '../lib/uuid.ts';
import { audit, type AuditEntry, listAudit } from './audit.ts';
import { type BulkOptions, inBatches } from './bulk-dead-letters.ts';
import { changePayload, type PayloadChange } from './change-payload.ts';
import { locateJob, queuesOf } from './find-jobs.ts';
import type { Project } from './project.ts';
import type { DeadLetterFilter } from './select-dead-letters.ts';

export interface ReplayOptions extends BulkOptions {
  /** The queue that they go to, instead of their own. */
  to?: string | undefined;
  /** What is changed in the payload of each. */
  change?: PayloadChange | undefined;
}

/**
 * Puts dead letters back to wait: attempts fresh, priority kept, each one once. Bounded to what was dead when it began,
 * so that a job which dies again is not taken twice; stopped and begun again it goes on with what is left.
 * @throws JobQueueError UNKNOWN_QUEUE, JOB_NOT_FOUND; those of {@link changePayload}
 */
export async function replayDeadLetters(
  project: Project,
  filter: DeadLetterFilter,
  { to, change, ...options }: ReplayOptions = {},
): Promise<{ replayed: number; batch: string }> {
  if (to !== undefined) {
    await queuesOf(project, to);
    await registerQueues(project.broker, [to]);
  }
  const batch = `r_${uuidV7()}`;
  const byQueue: Record<string, number> = {};
  let done = 0;
  const count = (queue: string, moved: number): void => {
    done += moved;
    byQueue[queue] = (byQueue[queue] ?? 0) + moved;
  };
  const act = async (queue: string, letters: DeadLetter[]): Promise<number> => {
    const payloads = change && (await changePayloads(project, letters, change));
    const ids = letters.map(({ id }) => id);
    const moved = await replayInto(project.broker, queue, ids, batch, { to, payloads });
    count(to ?? queue, moved);
    return moved;
  };
  const replayAll = async (): Promise<void> => {
    const { type, since = 0, until = Infinity } = filter;
    const range = { type, since, until: Math.min(until, project.broker.clock.now()) };
    for (const queue of await queuesOf(project, filter.queue)) {
      for await (const moved of replayAllDead(project.broker, queue, batch, range)) {
        count(queue, moved);
        options.onProgress?.(done);
        if (options.signal?.aborted) return;
      }
    }
  };
  try {
    if (isPlain(filter, { to, change, ...options })) await replayAll();
    else await inBatches(project, filter, options, act);
  } finally {
    await audit(project, {
      what: 'replay',
      id: batch,
      filter,
      ...(to === undefined ? {} : { to }),
      count: done,
      byQueue,
    });
  }
  return { replayed: done, batch };
}

/** Whether Redis itself can tell which are meant, and all of them only change their place. */
const isPlain = (
  { ids, error, group, where }: DeadLetterFilter,
  { to, change, limit, ratePerSecond }: ReplayOptions,
): boolean => [ids, error, group, where, to, change, limit, ratePerSecond].every((each) => each === undefined);

/** The payloads of letters of one queue as they are to be, as JSON. @throws JobQueueError naming the job that cannot have it */
export async function changePayloads(
  project: Project,
  letters: readonly DeadLetter[],
  change: PayloadChange,
): Promise<string[]> {
  const ids = letters.map(({ id }) => id);
  const stored = await readPayloads(project.broker, letters[0]!.queue, ids);
  return Promise.all(
    letters.map(async ({ id, type }, index) => {
      try {
        return await changePayload(project, type, stored[index]!, change);
      } catch (error) {
        if (!(error instanceof JobQueueError)) throw error;
        throw new JobQueueError(error.code, `Job ${id}: ${error.message}`, error);
      }
    }),
  );
}

/** The type and the payload, as JSON, of one dead letter. @throws JobQueueError JOB_NOT_FOUND, JOB_STATE */
export async function readDeadPayload(
  project: Project,
  id: string,
  queue?: string,
): Promise<{ type: string; payload: string }> {
  const place = await locateJob(project, id, queue);
  const [letter] = await findDead(project.broker, place, [id]);
  const [payload] = await readPayloads(project.broker, place, [id]);
  if (!letter || payload == null) throw new JobQueueError('JOB_STATE', `Job ${id} is not dead`);
  return { type: letter.type, payload };
}

/** How many of a replay wait and were not started since, by queue. @throws JobQueueError BATCH_NOT_FOUND */
export async function countUndoable(
  project: Project,
  batch: string,
  queue?: string,
): Promise<{ total: number; byQueue: Record<string, number> }> {
  const byQueue: Record<string, number> = {};
  let total = 0;
  for (const each of await queuesOf(project, queue)) {
    for await (const amount of undoReplay(project.broker, each, batch, { countOnly: true })) {
      byQueue[each] = (byQueue[each] ?? 0) + amount;
      total += amount;
    }
  }
  if (total === 0) await assertBatch(project, batch);
  return { total, byQueue };
}

/** Makes those of a replay dead again that wait and were not started since, as they were. @throws JobQueueError BATCH_NOT_FOUND */
export async function undoReplayOf(
  project: Project,
  batch: string,
  queue: string | undefined,
  { signal, onProgress }: Pick<BulkOptions, 'signal' | 'onProgress'> = {},
): Promise<{ undone: number }> {
  const moved = await readBatch(project, batch);
  let undone = 0;
  for (const each of await queuesOf(project, queue)) {
    let left = moved?.byQueue ? (moved.byQueue[each] ?? 0) : Infinity;
    if (left === 0) continue;
    for await (const amount of undoReplay(project.broker, each, batch, { countOnly: false })) {
      undone += amount;
      left -= amount;
      onProgress?.(undone);
      if (signal?.aborted || left <= 0) break;
    }
    await bringHome(project.broker, each, batch);
    if (signal?.aborted) break;
  }
  if (undone === 0) await assertBatch(project, batch);
  await audit(project, { what: 'undo', id: batch, count: undone });
  return { undone };
}

const BATCHES_NAMED = 3;

/** As far back as it is looked for what a replay did. */
const AUDIT_LINES = 1000;

/** What was written down of a replay; nothing of one that was killed. Who has undone all of a queue need not look on. */
async function readBatch(project: Project, batch: string): Promise<AuditEntry | undefined> {
  return (await listAudit(project, AUDIT_LINES)).find(({ id, byQueue }) => id === batch && byQueue);
}

/** @throws JobQueueError BATCH_NOT_FOUND with the last ones */
async function assertBatch(project: Project, batch: string): Promise<void> {
  const entries = await listAudit(project, AUDIT_LINES);
  const batches = entries.filter(({ what }) => what === 'replay').flatMap(({ id }) => id ?? []);
  if (batches.includes(batch)) return;
  throw new JobQueueError('BATCH_NOT_FOUND', `There is no replay ${JSON.stringify(batch)}`, {
    hint: batches.length > 0 ? `The last ones: ${batches.slice(0, BATCHES_NAMED).join(', ')}` : undefined,
  });
}
