import type { JobDetail } from '../../src/jobs/job.ts';
import { cleanLine } from '../../src/lib/text.ts';
import type { Context } from '../framework/context.ts';
import { jsonText } from '../framework/json-text.ts';
import { renderJob } from './render-job.ts';

/** Prints everything about one job, in the format asked for. */
export function printJob(context: Context, job: JobDetail): void {
  if (context.output === 'json') context.print(jsonText(job, 2));
  else if (context.output === 'jsonl') context.print(jsonText(job));
  else if (context.output === 'id') context.print(cleanLine(job.id));
  else context.print(renderJob(job, { paint: context.paint, relative: context.forPerson }).trimEnd());
}
