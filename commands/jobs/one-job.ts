import { text } from '../../src/lib/value-kind.ts';
import { QUEUE_NAME } from '../../src/options.ts';
import type { Argument, Flag } from '../framework/define-command.ts';

/** The word that names a job. */
export const JOB_ID = { label: 'ID', description: "The job's id", required: true } as const satisfies Argument;
export const JOB_IDS = {
  label: 'ID',
  description: "The jobs' ids",
  required: true,
  variadic: true,
} as const satisfies Argument;

export const QUEUE_FLAG = {
  queue: {
    value: 'name',
    kind: text('a queue name: letters, digits and ._-', QUEUE_NAME),
    description: 'Look in this queue only',
    complete: 'queues',
  },
} as const satisfies Record<string, Flag>;
