import type { Snapshot } from '../jobs/snapshot-types.ts';
import type { ScreenId } from './screens/index.ts';

/** What a key asks for. */
export type Action =
  | { type: 'move'; by: 1 | -1 }
  | { type: 'page'; by: 1 | -1 }
  | { type: 'jump'; to: 'first' | 'last' }
  | { type: 'show'; screen: ScreenId }
  | { type: 'turn'; by: 1 | -1 }
  | { type: 'sort' }
  | { type: 'reverse' }
  | { type: 'freeze' }
  | { type: 'pace'; by: 1 | -1 }
  | { type: 'focus'; on: 'list' | 'filter' | 'help' }
  | { type: 'typed'; text: string }
  | { type: 'erase'; what: 'letter' | 'all' }
  | { type: 'unfilter' }
  | Effect;

/** What the reducer cannot do itself: it passes these on to the session. */
export type Effect =
  | { type: 'refresh' }
  | { type: 'redraw' }
  | { type: 'suspend' }
  | { type: 'quit' }
  /** Ctrl-C: leaves with the exit code of SIGINT. */
  | { type: 'interrupt' };

/** Everything that changes the state. Times are milliseconds since the epoch. */
export type Event =
  | Action
  | { type: 'refreshed'; snapshot: Snapshot; at: number; everyMs: number }
  | { type: 'missed'; reason: string; at: number; retryAt: number }
  | { type: 'ticked'; at: number }
  | { type: 'resized'; columns: number; rows: number };
