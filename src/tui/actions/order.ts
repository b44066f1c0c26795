import type { DeadLetterFilter } from '../../jobs/dead-letters.ts';
import { type ActionId, actionOf } from './index.ts';
import type { Target } from './target.ts';

/** What is to be done, and to what: things that were pointed at, or all that fit a filter on the server. */
export interface Order {
  action: ActionId;
  to: Chosen;
  /** What was typed for it. */
  typed?: string;
}

export type Chosen =
  /** `others` were marked too, and it cannot be done to them. */
  | { are: 'these'; targets: readonly Target[]; others?: number }
  /** In the words of the filter language. */
  | { are: 'matching'; filter: string }
  | { are: 'letters'; filters: readonly DeadLetterFilter[] };

export interface RunFailure {
  name: string;
  reason: string;
}

/** Something that is being done in the background. */
export interface Run {
  id: number;
  order: Order;
  done: number;
  /** Undefined when that was not counted. */
  total: number | undefined;
  failed: number;
  startedAt: number;
}

/** How a run ended. */
export interface Outcome {
  done: number;
  failures: readonly RunFailure[];
  /** It was stopped before its end. */
  stopped: boolean;
  /** What was done, in words, where the count does not say it. */
  said?: string;
  /** What to do next, for people. */
  hint?: string;
}

/** What an order is called, and what was done by it: to pause a queue that is paused is to resume it. */
export function wordsOf({ action, to }: Order): { verb: string; done: string } {
  const isPaused = (target: Target): boolean => target.kind === 'queue' && target.paused;
  if (action === 'pause' && to.are === 'these' && to.targets.every(isPaused))
    return { verb: 'resume', done: 'resumed' };
  return actionOf(action);
}
