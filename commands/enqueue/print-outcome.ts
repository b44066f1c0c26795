import { JobQueueError } from '../../src/errors.ts';
import { renderApproximateDuration } from '../../src/lib/duration.ts';
import type { Context } from '../framework/context.ts';
import { jsonText } from '../framework/json-text.ts';

/**
 * Waits until a job is finished and prints it: the whole job as JSON, or id, status and result.
 * @throws JobQueueError JOB_FAILED after printing when it died, TIMED_OUT
 */
export async function printOutcome(
  context: Context,
  { id, queue }: { id: string; queue: string },
  timeoutMs: number | undefined,
): Promise<void> {
  if (context.forPerson) context.note(context.paintNote('dim', `Waiting for ${id}`));
  const { waitForJob } = await import('../../src/jobs/wait-for-job.ts');
  const project = await context.project();
  const job = await waitForJob(project, id, { timeoutMs, queue, signal: context.signal }).catch((error: unknown) => {
    context.signal.throwIfAborted();
    throw error;
  });
  const result = jsonText(job.result);
  switch (context.output) {
    case 'json':
      context.print(jsonText(job, 2));
      break;
    case 'jsonl':
      context.print(jsonText(job));
      break;
    case 'id':
      context.print(job.id);
      break;
    case 'tsv':
      context.print([job.id, job.status, result].join('\t'));
      break;
    case 'table':
      context.print(job.status === 'completed' ? jsonText(job.result, 2) : job.id);
      context.note(
        context.paintNote('dim', `${job.status}, attempt ${job.attempts} of ${job.maxAttempts}${ranFor(job)}`),
      );
  }
  if (job.status === 'failed') {
    throw new JobQueueError('JOB_FAILED', `Job ${job.id} is dead: ${job.error ?? 'no reason was given'}`, {
      hint: `See: jq dlq show ${job.id}`,
    });
  }
}

const ranFor = ({ startedAt, finishedAt }: { startedAt: Date | null; finishedAt: Date | null }): string =>
  startedAt && finishedAt ? `, ran for ${renderApproximateDuration(finishedAt.getTime() - startedAt.getTime())}` : '';
