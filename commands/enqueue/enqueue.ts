import { JobQueueError } from '../../src/errors.ts';
import { duration, text } from '../../src/lib/value-kind.ts';
import type { Context } from '../framework/context.ts';
import { defineCommand } from '../framework/define-command.ts';
import { jsonText } from '../framework/json-text.ts';
import { readInput } from '../framework/read-input.ts';
import { readJson } from '../framework/read-json.ts';
import { JOB_FLAGS, jobOptionsOf } from './job-flags.ts';

export const enqueue = defineCommand({
  name: 'enqueue',
  group: 'Enqueue',
  summary: 'put a job into its queue, or many from a file',
  description: `TYPE is the name of a handler file: handlers/send-email.ts runs send-email jobs. The payload is checked against
the handler's schema first; what is refused is not stored. Prints the job's id.

A file for --file has one job a line: {"type":"send-email","payload":{"to":"ana@example.com"},"options":{"delay":"5m"}}`,
  arguments: { type: { label: 'TYPE', description: 'What kind of job it is', complete: 'types' } },
  options: ['handlers'],
  flags: {
    payload: { value: 'json', description: 'The payload: JSON, @file, or - for stdin (default {})' },
    ...JOB_FLAGS,
    wait: {
      value: 'duration',
      kind: duration,
      optional: true,
      description: 'Wait until it is finished, at most this time, and print its result',
    },
    allowUnknown: { description: 'Also a type or queue that this project does not know' },
    file: {
      value: 'file',
      kind: text('a path'),
      description: 'Many jobs, one JSON object a line; - for stdin',
      complete: 'files',
    },
    skipInvalid: { description: 'With --file: leave out the lines that are refused (exit code 3)' },
  },
  examples: [
    { run: `jq enqueue send-email --payload '{"to":"ana@example.com"}'`, says: 'one job' },
    {
      run: 'jq enqueue report --payload @report.json --delay 5m --attempts 3',
      says: 'in five minutes, tried three times at most',
    },
    { run: 'jq enqueue resize --payload - --wait=30s --json < image.json', says: 'wait for the result' },
    {
      run: `jq enqueue charge --id order-5531 --payload '{"order":5531}'`,
      says: 'safe to repeat: the same key is stored once',
    },
    { run: 'jq enqueue --file jobs.jsonl', says: 'many jobs: all of them, or none' },
  ],
  handlesSignals: true,
  async run(context, { args: { type }, flags }) {
    const { file, skipInvalid, allowUnknown, payload, wait } = flags;
    if (file !== undefined) {
      assertAlone(file, { type, payload, wait });
      const { enqueueFile } = await import('./enqueue-file.ts');
      return enqueueFile(context, file, { skipInvalid, allowUnknown, options: jobOptionsOf(flags) });
    }
    if (type === undefined) {
      throw new JobQueueError('USAGE', 'Expected a TYPE, or --file with many jobs', { hint: 'See: jq enqueue --help' });
    }
    const request = {
      type,
      payload: await readPayload(context, payload ?? '{}'),
      options: jobOptionsOf(flags),
      allowUnknown,
      by: (await import('../../src/jobs/caller.ts')).localUser(),
    };
    const project = await context.project();
    const jobs = await import('../../src/jobs/enqueue.ts');
    const enqueued = await jobs.enqueue(project, request);
    if (wait !== undefined) {
      const { printOutcome } = await import('./print-outcome.ts');
      return printOutcome(context, enqueued, wait === true ? undefined : wait);
    }
    printEnqueued(context, type, enqueued);
  },
});

function assertAlone(file: string, others: Record<string, unknown>): void {
  const [name] = Object.entries(others).find(([, value]) => value !== undefined) ?? [];
  if (name === undefined) return;
  const what = name === 'type' ? 'a TYPE' : `--${name}`;
  throw new JobQueueError('USAGE', `Expected --file ${file} without ${what}: each line says what its job is`);
}

async function readPayload(context: Context, given: string): Promise<unknown> {
  if (given === '-') return readJson(await readInput(context, '-'), 'The payload on stdin');
  if (given.startsWith('@')) return readJson(await readInput(context, given.slice(1)), given.slice(1));
  return readJson(given, '--payload');
}

function printEnqueued(
  context: Context,
  type: string,
  enqueued: { id: string; queue: string; created: boolean },
): void {
  if (context.output.startsWith('json')) return context.print(jsonText({ ...enqueued, type }));
  context.print(enqueued.id);
  // The id alone is what scripts read; a person is told what it means.
  if (context.forPerson) {
    const verb = enqueued.created ? 'Enqueued' : 'Had been enqueued before:';
    context.note(
      context.paintNote(
        'dim',
        `${verb} ${type} in queue ${enqueued.queue}. Follow it with: jq jobs show ${enqueued.id}`,
      ),
    );
  }
}
