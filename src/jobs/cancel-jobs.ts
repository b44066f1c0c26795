import { cancelAllPending } from '../broker/cancel-pending.ts';
import { askWorkers } from '../broker/control.ts';
import { thoseIn } from '../broker/read-jobs.ts';
import type { FoundIds } from '../broker/remove-jobs.ts';
import { monotonicMs, sleep } from '../lib/clock.ts';
import { END_MS, ofScheduler } from './cancel-job.ts';
import type { Project } from './project.ts';

const LOOK_EVERY_MS = 50;

export interface Refusal {
  id: string;
  reason: string;
}

/**
 * Ends jobs of one state as a scan has found them, as `cancelJob` ends one, but all of them together: one request to the
 * workers, one wait for what runs.
 * @returns how many are dead now, and why others are not; those that have moved on meanwhile are neither
 */
export async function cancelFound(
  project: Project,
  found: FoundIds,
): Promise<{ cancelled: number; refused: Refusal[] }> {
  if (found.state === 'active') return cancelRunning(project, found);
  const outcomes = await cancelAllPending(project.broker, found, `Cancelled by ${project.caller.who}`);
  return {
    cancelled: outcomes.filter((outcome) => outcome === 'done').length,
    refused: found.ids.flatMap((id, index) =>
      outcomes[index] === 'of-scheduler' ? { id, reason: ofScheduler(id) } : [],
    ),
  };
}

async function cancelRunning(
  { broker, caller }: Project,
  { queue, ids }: FoundIds,
): Promise<{ cancelled: number; refused: Refusal[] }> {
  const answers = await askWorkers(
    broker,
    { kind: 'cancel', queue, ids, by: caller.who },
    (some) => some.reduce((sum, answer) => sum + (answer.ids?.length ?? 0), 0) >= ids.length,
  );
  const told = new Set(answers.flatMap((answer) => answer.ids ?? []));
  for (const deadline = monotonicMs() + END_MS; monotonicMs() < deadline; await sleep(LOOK_EVERY_MS)) {
    if ((await thoseIn(broker, queue, [...told], 'active')).length === 0) break;
  }
  const [dead, running] = [
    await thoseIn(broker, queue, [...told], 'failed'),
    await thoseIn(broker, queue, ids, 'active'),
  ];
  const refused = running.map((id) => ({
    id,
    reason: told.has(id)
      ? `Job ${id} was told to end but has not ended yet`
      : `Job ${id} runs in a worker that cannot be told`,
  }));
  return { cancelled: dead.length, refused };
}
