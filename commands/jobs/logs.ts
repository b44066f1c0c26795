import { cleanLine } from '../../src/lib/text.ts';
import { defineCommand } from '../framework/define-command.ts';
import { jsonText } from '../framework/json-text.ts';
import { JOB_ID, QUEUE_FLAG } from './one-job.ts';

export const jobsLogs = defineCommand({
  name: 'logs',
  summary: 'print the log lines of a job, oldest first',
  arguments: { id: JOB_ID },
  options: [],
  flags: QUEUE_FLAG,
  examples: [{ run: 'jq jobs logs j_0199b2f0c4d87e5f8a31', says: 'what its handler logged' }],
  async run(context, { args: { id }, flags: { queue } }) {
    const { getJobLogs } = await import('../../src/jobs/find-jobs.ts');
    const lines = await getJobLogs(await context.project(), id, queue);
    if (context.output === 'json') return context.print(jsonText(lines, 2));
    for (const line of lines) context.print(context.output === 'jsonl' ? jsonText(line) : cleanLine(line));
    if (lines.length === 0) context.note('The job has logged nothing');
  },
});
