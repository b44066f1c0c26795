import type { JobOptions } from '../../src/handlers/define-handler.ts';
import { duration, integer, text } from '../../src/lib/value-kind.ts';
import { QUEUE_NAME } from '../../src/options.ts';
import type { Flag, FlagValues } from '../framework/define-command.ts';
import { backoff, dedupe, time } from '../framework/flag-kinds.ts';

/** The flags that set an option of the job: named as in {@link JobOptions}. */
export const JOB_FLAGS = {
  queue: {
    value: 'name',
    kind: text('a queue name: letters, digits and ._-', QUEUE_NAME),
    description: "Queue, instead of the handler's",
    complete: 'queues',
  },
  delay: { value: 'duration', kind: duration, description: 'Start no sooner than in this time' },
  at: {
    value: 'time',
    kind: time('ahead'),
    description: 'Start no sooner than at this time, e.g. 2030-01-31T09:00:00Z',
  },
  priority: {
    value: 'n',
    kind: integer({ min: 0, max: 2_097_151 }),
    description: '1 is first among those that have one; 0 is none',
  },
  attempts: { value: 'n', kind: integer({ min: 1, max: 1000 }), description: 'Times it is tried before it is dead' },
  backoff: { value: 'kind:delay', kind: backoff, description: 'Wait between attempts: exponential:2s, fixed:100ms' },
  timeout: { value: 'duration', kind: duration, description: 'Time that one attempt may take' },
  expiresIn: { value: 'duration', kind: duration, description: 'Dead, not run, when it has not started by then' },
  id: {
    value: 'key',
    kind: text('a text of 1 to 255 characters', /^.{1,255}$/s),
    description: 'Idempotency key: the same key and job again gives the same id',
  },
  dedupe: {
    value: 'key[:ttl]',
    kind: dedupe,
    description: 'Not added while a job with this key waits or runs, or for the time given',
  },
} as const satisfies Record<keyof JobOptions, Flag>;

/** The options that were set by flags, in the words of the job's options. */
export function jobOptionsOf(flags: FlagValues<typeof JOB_FLAGS>): JobOptions {
  const names = Object.keys(JOB_FLAGS) as (keyof JobOptions)[];
  return Object.fromEntries(names.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]));
}
