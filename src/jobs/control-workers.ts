import { askWorkers, type ControlRequest } from '../broker/control.ts';
import { readWorkers } from '../broker/worker-records.ts';
import { JobQueueError } from '../errors.ts';
import { didYouMean } from '../lib/nearest.ts';
import { audit } from './audit.ts';
import type { Project } from './project.ts';

export type WorkerChange =
  | Pick<Extract<ControlRequest, { kind: 'quiet' | 'stop' }>, 'kind'>
  | Omit<Extract<ControlRequest, { kind: 'set-slots' }>, 'worker'>;

/**
 * Asks one worker process to change how it works, and waits for its answer.
 * @throws JobQueueError WORKER_NOT_FOUND; FAILED when it refuses or does not answer
 */
export async function controlWorker(project: Project, worker: string, change: WorkerChange): Promise<void> {
  const { broker } = project;
  const answers = await askWorkers(broker, { ...change, worker } as ControlRequest);
  const own = answers.find((answer) => answer.worker === worker);
  if (own?.isDone) return audit(project, { what: change.kind, count: 1, id: worker });
  if (own?.refusal !== undefined) throw new JobQueueError('FAILED', `Worker ${worker} refused: ${own.refusal}`);
  const known = (await readWorkers(broker)).map(({ id }) => id);
  if (known.includes(worker)) throw new JobQueueError('FAILED', `Worker ${worker} does not answer`);
  throw new JobQueueError('WORKER_NOT_FOUND', `There is no worker ${JSON.stringify(worker)}`, {
    hint: didYouMean(worker, known) ?? 'jq workers list shows them',
  });
}
