import type { Logger } from 'pino';
import type { Delivery } from '../broker/consumer/consumer.ts';
import { messageOf } from '../errors.ts';
import type { JobLog } from '../handlers/define-handler.ts';
import { now } from '../lib/clock.ts';
import { isSecret, MASK } from '../lib/mask-secrets.ts';
import { isoTime } from '../lib/time.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const LONGEST_LINE = 8192;

/** Log lines of a handler: to the worker's log, and kept with the job. `flushed` resolves when all that was written so far is kept. */
export type KeptJobLog = JobLog & { flushed(): Promise<void> };

export function createJobLog(delivery: Delivery, logger: Logger): KeptJobLog {
  let last: Promise<void> = Promise.resolve();
  const write =
    (level: (typeof LEVELS)[number]) =>
    (first: object | string, second?: string): void => {
      const [fields, message] = typeof first === 'string' ? [{}, first] : [first, second ?? ''];
      logger[level](fields, message);
      const line = `${isoTime(now())} ${level} ${message}${renderFields(fields)}`.slice(0, LONGEST_LINE);
      // In order, and never the reason for which a job fails.
      last = last
        .then(() => delivery.log(line))
        .catch((error: unknown) => logger.debug({ err: error }, 'a log line was not kept'));
    };
  const [debug, info, warn, error] = LEVELS.map(write) as [
    JobLog['debug'],
    JobLog['info'],
    JobLog['warn'],
    JobLog['error'],
  ];
  return { debug, info, warn, error, flushed: () => last };
}

/** The fields of a line, at its end. What is logged need not be JSON: errors have only their message, the rest is left out. */
function renderFields(fields: object): string {
  if (Object.keys(fields).length === 0) return '';
  try {
    return ` ${JSON.stringify(fields, (name, value: unknown) => {
      if (isSecret(name)) return MASK;
      return value instanceof Error ? messageOf(value) : value;
    })}`;
  } catch {
    return '';
  }
}
