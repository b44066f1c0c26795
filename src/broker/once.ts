import type { Broker } from './broker.ts';
import { runScript } from './script.ts';
import { BEGIN_STEP, END_STEP } from './scripts/once.ts';

// Longer than anybody keeps a dead letter before replaying it; a removed job takes its steps with it.
const KEPT_MS = 90 * 86_400_000;

export type StepState = 'done' | 'run' | 'run-again' | 'fenced';

/** One step of one job, as one start of it sees it. */
export interface StepKey {
  queue: string;
  id: string;
  step: string;
  fence: number;
}

/** See {@link BEGIN_STEP}. `result` is the recorded JSON of a step that is done. */
export async function beginStep(
  { redis, keys }: Broker,
  { queue, id, step, fence }: StepKey,
): Promise<{ state: StepState; result: string }> {
  const reply = await runScript(redis, BEGIN_STEP, [keys.once(queue, id), step, fence, KEPT_MS]);
  const [state, result = ''] = reply as [StepState, string?];
  return { state, result };
}

/** See {@link END_STEP}. @returns false when a later start of the job has taken the step over */
export async function endStep(
  { redis, keys }: Broker,
  { queue, id, step, fence }: StepKey,
  result: string,
): Promise<boolean> {
  return (await runScript(redis, END_STEP, [keys.once(queue, id), step, fence, result])) === 1;
}

/** Lets the steps of a job that is completed go with it. */
export async function expireSteps({ redis, keys }: Broker, queue: string, id: string, afterMs: number): Promise<void> {
  await redis.call('PEXPIRE', keys.once(queue, id), Math.max(1, Math.round(afterMs)));
}
