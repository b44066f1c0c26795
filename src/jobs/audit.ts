import { appendAudit, readAudit } from '../broker/audit.ts';
import { toError } from '../errors.ts';
import { isoTime } from '../lib/time.ts';
import type { Project } from './project.ts';

/** What can be done that leaves a line. Adding jobs leaves none: the job itself is the trace. */
export type AuditedAction =
  | 'replay'
  | 'undo'
  | 'archive'
  | 'import'
  | 'remove'
  | 'remove-queue'
  | 'retry'
  | 'cancel'
  | 'promote'
  | 'change'
  | 'run-schedule'
  | 'remove-schedule'
  | 'pause'
  | 'resume'
  | 'limit'
  | 'drain'
  | 'clean'
  | 'quiet'
  | 'stop'
  | 'set-slots'
  | 'create-key'
  | 'revoke-key';

/** What was done. */
export interface AuditedChange {
  what: AuditedAction;
  /** How many jobs, schedules, queues, workers or keys it was done to. */
  count: number;
  /** Which: the id of a job, schedule, worker or key, the name of a queue, or the mark that a replay left on its jobs. */
  id?: string;
  /** Of a key, whose id nobody knows by heart. */
  name?: string;
  queue?: string;
  /** Which ones were meant, where it was done to many: in the words of the filter language, or by its fields. */
  filter?: object | string;
  /** Where a replay put them, and how many into which queue. */
  to?: string;
  byQueue?: Readonly<Record<string, number>>;
  /** Of an archive. */
  file?: string;
}

export interface AuditEntry extends AuditedChange {
  /** RFC 3339. */
  at: string;
  who: string;
  address?: string;
  requestId?: string;
}

/** Lines that are kept. */
const KEPT = 10_000;

/**
 * Writes down what was done, and by whom; nothing when it was done to nothing. It never throws: what was done is done,
 * and a Redis that is full takes no line but lets jobs be removed.
 */
export async function audit({ broker, caller }: Project, change: AuditedChange): Promise<void> {
  if (change.count === 0) return;
  const { who, address, requestId } = caller;
  const entry: AuditEntry = {
    at: isoTime(broker.clock.now()),
    who,
    ...change,
    ...(address === undefined ? {} : { address }),
    ...(requestId === undefined ? {} : { requestId }),
  };
  try {
    await appendAudit(broker, JSON.stringify(entry), KEPT);
    caller.onAudit?.(entry);
  } catch (error) {
    caller.onAudit?.(entry, toError(error));
  }
}

/** The last lines, newest first. */
export async function listAudit({ broker }: Project, limit: number): Promise<AuditEntry[]> {
  return (await readAudit(broker, limit)).map((line) => JSON.parse(line) as AuditEntry);
}
