import type { NewJob } from '../../src/broker/new-job.ts';
import { JobQueueError, messageOf } from '../../src/errors.ts';
import type { JobOptions } from '../../src/handlers/define-handler.ts';
import type { Enqueued, EnqueueRequest } from '../../src/jobs/enqueue.ts';
import type { Project } from '../../src/jobs/project.ts';
import { type Json, parseJson } from '../../src/lib/json.ts';
import { didYouMean } from '../../src/lib/nearest.ts';
import { cleanLine, count, grouped } from '../../src/lib/text.ts';
import type { Context } from '../framework/context.ts';
import { jsonText } from '../framework/json-text.ts';
import { startProgress } from '../framework/progress.ts';
import { readInput } from '../framework/read-input.ts';

const BATCH = 500;
const FAULTS_SHOWN = 10;
const FIELDS = ['type', 'payload', 'options'];

interface FileOptions {
  skipInvalid: boolean;
  allowUnknown: boolean;
  /** For every line that does not say otherwise. */
  options: JobOptions;
}

interface Fault {
  /** From 1. */
  line: number;
  reason: string;
}

/**
 * Enqueues the jobs of a JSON-lines file. Every line is checked before the first one is stored.
 * @throws JobQueueError USAGE naming the bad lines (nothing was stored), PARTLY_DONE
 */
export async function enqueueFile(context: Context, file: string, options: FileOptions): Promise<void> {
  const lines = (await readInput(context, file)).split('\n');
  const project = await context.project();
  const { jobs, faults } = await checkLines(project, lines, options);
  for (const fault of faults.slice(0, FAULTS_SHOWN)) context.note(`line ${fault.line}: ${cleanLine(fault.reason)}`);
  if (faults.length > FAULTS_SHOWN) context.note(`and ${count(faults.length - FAULTS_SHOWN, 'more line')}`);
  if (faults.length > 0 && !options.skipInvalid) {
    const [first] = faults;
    throw new JobQueueError(
      'USAGE',
      `Nothing was stored: ${count(faults.length, 'line is', 'lines are')} wrong in ${file === '-' ? 'stdin' : file}, first line ${first!.line}: ${first!.reason}`,
      {
        hint: 'Mend them, or leave them out with --skip-invalid',
        details: faults,
      },
    );
  }
  await storeAll(context, project, jobs);
  if (faults.length > 0) {
    throw new JobQueueError(
      'PARTLY_DONE',
      `Stored ${count(jobs.length, 'job')}, left out ${count(faults.length, 'line')}`,
      { details: faults },
    );
  }
}

async function checkLines(
  project: Project,
  lines: readonly string[],
  options: FileOptions,
): Promise<{ jobs: NewJob[]; faults: Fault[] }> {
  const { prepareJob } = await import('../../src/jobs/prepare-job.ts');
  const { assertQueues } = await import('../../src/jobs/enqueue.ts');
  const jobs: NewJob[] = [];
  const by = (await import('../../src/jobs/caller.ts')).localUser();
  const faults: Fault[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    try {
      const request = { ...parseLine(line, options.options), allowUnknown: options.allowUnknown, by };
      const job = await prepareJob(project, request);
      await assertQueues(project, [request], [job]);
      jobs.push(job);
    } catch (error) {
      // A Redis that went away is no fault of the line.
      if (!(error instanceof JobQueueError) || error.exitCode === 4) throw error;
      faults.push({ line: index + 1, reason: [messageOf(error), error.hint].filter(Boolean).join('. ') });
    }
  }
  return { jobs, faults };
}

/** @throws JobQueueError INVALID_JSON, USAGE */
export function parseLine(line: string, defaults: JobOptions): EnqueueRequest {
  const parsed = parseJson(line);
  if ('fault' in parsed)
    throw new JobQueueError('INVALID_JSON', `not JSON, column ${parsed.fault.column}: ${parsed.fault.reason}`);
  if (!isObject(parsed.value)) throw new JobQueueError('USAGE', 'expected an object {"type", "payload", "options"}');
  const { type, payload, options = {}, ...rest } = parsed.value;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    throw new JobQueueError('USAGE', `unknown field "${unknown}"`, {
      hint: didYouMean(unknown, FIELDS) ?? `Fields: ${FIELDS.join(', ')}`,
    });
  }
  if (typeof type !== 'string') throw new JobQueueError('USAGE', 'expected "type" to be a text');
  if (!isObject(options)) throw new JobQueueError('USAGE', 'expected "options" to be an object');
  return { type, payload, options: { ...defaults, ...options } };
}

const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** @throws JobQueueError PARTLY_DONE when it stopped in the middle */
async function storeAll(context: Context, project: Project, jobs: readonly NewJob[]): Promise<void> {
  const { storeJobs } = await import('../../src/jobs/enqueue.ts');
  const progress = startProgress(context, 'enqueued');
  const stored: Enqueued[] = [];
  try {
    while (stored.length < jobs.length) {
      context.signal.throwIfAborted();
      stored.push(...(await storeJobs(project, jobs.slice(stored.length, stored.length + BATCH))));
      progress.update(stored.length, jobs.length);
    }
  } catch (error) {
    if (stored.length === 0) throw error;
    const soFar = `Stored the first ${grouped(stored.length)} of ${count(jobs.length, 'job')}`;
    if (!context.signal.aborted)
      throw new JobQueueError('PARTLY_DONE', `${soFar}, then: ${messageOf(error)}`, { cause: error });
    progress.end();
    context.note(soFar);
    throw error;
  } finally {
    progress.end();
    printStored(context, stored);
  }
}

function printStored(context: Context, stored: readonly Enqueued[]): void {
  if (context.output === 'json') context.print(jsonText(stored, 2));
  else if (context.forPerson) context.print(`Enqueued ${count(stored.length, 'job')}`);
  else for (const each of stored) context.print(context.output === 'jsonl' ? jsonText(each) : each.id);
}
