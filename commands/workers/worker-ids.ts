import type { Argument } from '../framework/define-command.ts';

/** The words that name workers. */
export const WORKER_IDS = {
  label: 'WORKER',
  description: "The workers' ids, as jq workers list shows them",
  required: true,
  variadic: true,
} as const satisfies Argument;
