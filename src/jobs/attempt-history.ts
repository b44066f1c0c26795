import { parseDate } from '../lib/time.ts';
import type { AttemptFailure } from './job.ts';

// BullMQ stores the stack of each failed attempt in the same script as the change of state. A first line of ours
// makes a history of it that is as atomic as the state itself.
const HEAD = /^\[attempt (\d+)\/(\d+) (\S+) (\S+) (\d+)ms\]\s?/;
const LONGEST_STACK = 8192;

export interface AttemptFacts {
  attempt: number;
  maxAttempts: number;
  startedAt: Date;
  worker: string;
  durationMs: number;
}

/** The stack that is stored for a failed attempt. */
export function renderAttempt(facts: AttemptFacts, stack: string): string {
  const { attempt, maxAttempts, startedAt, worker, durationMs } = facts;
  const head = `[attempt ${attempt}/${maxAttempts} ${startedAt.toISOString()} ${worker} ${Math.round(durationMs)}ms]`;
  return `${head} ${stack}`.slice(0, LONGEST_STACK);
}

/** A stored stack as one line of the job's history; those of plain BullMQ workers have no facts. */
export function parseAttempt(stored: string): AttemptFailure {
  const found = HEAD.exec(stored);
  const at = found ? parseDate(found[3]!) : undefined;
  // Without a time it only looks like a line of ours.
  const head = at === undefined ? null : found;
  const [error = '', ...stack] = (head ? stored.slice(head[0].length) : stored).split('\n');
  return {
    attempt: head ? Number(head[1]) : null,
    at: at === undefined ? null : new Date(at),
    worker: head ? head[4]! : null,
    durationMs: head ? Number(head[5]) : null,
    error,
    stack: stack.map((line) => line.trim()),
  };
}
