import { JOB_STATES, STATUS_STATES } from '../../src/jobs/job.ts';
import { integer } from '../../src/lib/value-kind.ts';
import type { Flag, FlagValues } from '../framework/define-command.ts';
import { time } from '../framework/flag-kinds.ts';

const STATUSES = Object.keys(STATUS_STATES);

export const WHERE_FLAG = {
  where: {
    value: 'filter',
    description: "Those that fit: 'payload.userId:7 ran:>1m', see jq help filters",
    complete: 'fields',
  },
} as const satisfies Record<string, Flag>;

/** The flags that choose jobs; all that are given must fit. `jq help filters` explains their values, and `--where`. */
export const FILTER_FLAGS = {
  queue: { value: 'name', description: 'Those of this queue', complete: 'queues' },
  type: { value: 'type', description: 'Those of this type: send-email, send-*, !a,b', complete: 'types' },
  error: { value: 'text', description: 'Those whose error holds this text, in any case, or fits /a pattern/' },
  since: {
    value: 'time',
    kind: time('ago'),
    description: 'Those that ended, or were added, since then: 2h, 2030-01-31',
  },
  until: { value: 'time', kind: time('ago'), description: 'Those that had by then' },
  attempts: { value: 'n', description: 'Those that used so many: 3, >3, 2..5' },
  ...WHERE_FLAG,
} as const satisfies Record<string, Flag>;

/** The same for commands that look at more than one state. */
export const STATE_FLAGS = {
  status: { value: 'status', description: STATUSES.join(', '), complete: STATUSES },
  state: { value: 'state', description: JOB_STATES.join(', '), complete: JOB_STATES },
} as const satisfies Record<string, Flag>;

export const SCAN_LIMIT_FLAG = {
  scanLimit: { value: 'n', kind: integer({ min: 1 }), description: 'Look at no more jobs than these' },
} as const satisfies Record<string, Flag>;

export type FilterFlagValues = FlagValues<typeof FILTER_FLAGS> & Partial<FlagValues<typeof STATE_FLAGS>>;

/** The flags by which jobs are chosen, without the others of a command. */
export function chosenBy({
  queue,
  type,
  error,
  since,
  until,
  attempts,
  where,
  status,
  state,
}: FilterFlagValues): FilterFlagValues {
  return { queue, type, error, since, until, attempts, where, status, state };
}
