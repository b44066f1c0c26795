import { cleanLine } from '../../src/lib/text.ts';
import { defineCommand } from '../framework/define-command.ts';
import { jsonText } from '../framework/json-text.ts';
import { JOB_ID, QUEUE_FLAG } from './one-job.ts';

export const jobsLogs = defineCommand({
  name: 'logs',
  summary: 'print the log lines of a job, oldest first',
  arguments: { id: JOB_ID },
  options: [],
  flags: { ...QUEUE_FLAG, follow: { short: 'f', description: 'Go on until the job is completed or dead' } },
  examples: [
    { run: 'jq jobs logs j_0199b2f0c4d87e5f8a31', says: 'what its handler logged' },
    { run: 'jq jobs logs -f j_0199b2f0c4d87e5f8a31', says: 'and what it logs from now on' },
  ],
  handlesSignals: true,
  async run(context, { args: { id }, flags: { queue, follow } }) {
    const project = await context.project();
    // An array has an end; what is followed has none yet.
    const asJson = context.output === 'jsonl' || (follow && context.output === 'json');
    const print = (line: string) => context.print(asJson ? jsonText(line) : cleanLine(line));
    if (follow) {
      const { followLogs } = await import('../../src/jobs/follow-logs.ts');
      const job = await followLogs(project, id, { queue, signal: context.signal, onLine: print });
      context.signal.throwIfAborted();
      if (job) context.note(context.paintNote('dim', `The job is ${job.state === 'failed' ? 'dead' : job.state}`));
      return;
    }
    const { getJobLogs } = await import('../../src/jobs/find-jobs.ts');
    const lines = await getJobLogs(project, id, queue);
    if (context.output === 'json') return context.print(jsonText(lines, 2));
    lines.forEach(print);
    if (lines.length === 0) context.note('The job has logged nothing');
  },
});
