import { type Duration, parseDuration } from '../lib/duration.ts';

// A handler's file may load its own copy of this module, so outcomes are told by name, never by `instanceof`.

/** Time that a handler has to end after its signal aborted: then the attempt is over, whatever the handler does. */
export const ABORT_GRACE_MS = 1000;

/** Thrown by a handler: this job will never work. It is dead at once, whatever attempts are left. */
export class Discard extends Error {
  override readonly name = 'Discard';
}

/** Thrown by a handler: not now. The job runs again after `delay`, and this attempt does not count. */
export class Snooze extends Error {
  override readonly name = 'Snooze';
  readonly delayMs: number;

  constructor(delay: Duration) {
    super(`again in ${delay}`);
    const delayMs = parseDuration(delay);
    if (delayMs === undefined)
      throw new TypeError(`Expected new Snooze(delay) to get a duration such as '10m', got ${String(delay)}`);
    this.delayMs = delayMs;
  }
}

export const isDiscard = (error: unknown): error is Discard => error instanceof Error && error.name === 'Discard';
export const isSnooze = (error: unknown): error is Snooze =>
  error instanceof Error && error.name === 'Snooze' && typeof (error as Partial<Snooze>).delayMs === 'number';
