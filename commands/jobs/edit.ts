import { JobQueueError } from '../../src/errors.ts';
import type { JobEdit } from '../../src/jobs/edit-job.ts';
import type { Job } from '../../src/jobs/job.ts';
import { duration, integer } from '../../src/lib/value-kind.ts';
import type { Context } from '../framework/context.ts';
import { defineCommand } from '../framework/define-command.ts';
import { jsonText } from '../framework/json-text.ts';
import { readInput } from '../framework/read-input.ts';
import { readJson } from '../framework/read-json.ts';
import { JOB_ID, QUEUE_FLAG } from './one-job.ts';

export const jobsEdit = defineCommand({
  name: 'edit',
  group: 'Recover',
  summary: 'change the payload, priority or delay of a job that nobody has taken yet',
  description:
    'Without a flag that says what to change, the payload opens in $VISUAL or $EDITOR. What the schema of the handler refuses is not stored.',
  arguments: { id: JOB_ID },
  options: [],
  flags: {
    ...QUEUE_FLAG,
    payload: { value: 'json', description: 'The new payload: JSON, @file, or - for stdin' },
    priority: {
      value: 'n',
      kind: integer({ min: 0, max: 2_097_151 }),
      description: '1 is first among those that have one; 0 is none',
    },
    delay: { value: 'duration', kind: duration, description: 'Start no sooner than in this time; 0s is now' },
  },
  examples: [
    { run: 'jq jobs edit j_0199b2f0c4d87e5f8a31', says: 'in your editor' },
    { run: 'jq jobs edit j_0199b2f0c4d87e5f8a31 --payload \'{"n":2}\' --priority 1', says: 'in a script' },
  ],
  async run(context, { args: { id }, flags: { queue, payload, priority, delay } }) {
    const { editJob } = await import('../../src/jobs/edit-job.ts');
    const isGiven = payload !== undefined || priority !== undefined || delay !== undefined;
    const edit: JobEdit = {
      ...(payload === undefined ? {} : { payload: await readPayload(context, payload) }),
      ...(priority === undefined ? {} : { priority }),
      ...(delay === undefined ? {} : { delay }),
    };
    const project = await context.project();
    if (isGiven) return printEdited(context, await editJob(project, id, edit, queue));

    const { getJob } = await import('../../src/jobs/find-jobs.ts');
    const { assertPending } = await import('../../src/jobs/edit-job.ts');
    const { editText } = await import('../framework/edit-text.ts');
    const job = await getJob(project, id, queue);
    assertPending(job);
    const before = jsonText(job.payload, 2);
    const after = await editText(context, before, {
      suffix: '.json',
      // What is wrong is told, and the text is not lost.
      accept: async (text) => {
        const edited = readJson(text, 'The payload');
        if (jsonText(edited, 2) === before) throw new JobQueueError('DECLINED', 'Nothing was changed');
        return editJob(project, id, { payload: edited }, job.queue);
      },
    });
    printEdited(context, after);
  },
});

async function readPayload(context: Context, value: string): Promise<JobEdit['payload']> {
  if (value !== '-' && !value.startsWith('@')) return readJson(value, '--payload');
  const file = value === '-' ? '-' : value.slice(1);
  return readJson(await readInput(context, file), file === '-' ? 'stdin' : file);
}

function printEdited(context: Context, job: Job): void {
  if (context.output === 'json') context.print(jsonText(job, 2));
  else if (context.output === 'jsonl') context.print(jsonText(job));
  else context.print(context.forPerson ? `Changed ${job.id}` : job.id);
}
