import type { Argument } from '../framework/define-command.ts';

/** The word that names a queue. */
export const QUEUE = {
  label: 'QUEUE',
  description: "The queue's name",
  required: true,
  complete: 'queues',
} as const satisfies Argument;
export const QUEUES = { ...QUEUE, description: "The queues' names", variadic: true } as const satisfies Argument;
