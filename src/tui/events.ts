import type { Snapshot } from '../jobs/snapshot-types.ts';
import type { ActionId } from './actions/index.ts';
import type { Order, Outcome, RunFailure } from './actions/order.ts';
import type { Target } from './actions/target.ts';
import type { Page, PageRequest } from './data/page.ts';
import type { Place } from './places.ts';
import type { Focus, Question } from './state.ts';

/** What a key asks for. */
export type Action =
  /** Rows down; up when negative. */
  | { type: 'move'; by: number }
  /** To the next row that needs attention. */
  | { type: 'seek'; by: 1 | -1 }
  /** To the row that has so many before it. */
  | { type: 'point'; index: number }
  | { type: 'page'; by: 1 | -1 }
  | { type: 'jump'; to: 'first' | 'last' }
  /** To the place of a tab or of the palette: what is behind it is forgotten. */
  | { type: 'show'; place: Place }
  /** To a place from which Escape leads back. */
  | { type: 'go'; place: Place }
  | { type: 'open' }
  | { type: 'back' }
  | { type: 'beside'; what: 'letters' | 'events' | 'types' }
  | { type: 'turn'; by: 1 | -1 }
  /** To a tab of the place. */
  | { type: 'turn-to'; place: Place }
  /** By a column; without one, by the next. */
  | { type: 'sort'; column?: string }
  | { type: 'reverse' }
  | { type: 'widen' }
  | { type: 'timing' }
  | { type: 'bars' }
  | { type: 'mark' }
  | { type: 'mark-range' }
  | { type: 'mark-all' }
  | { type: 'unmark' }
  | { type: 'act'; action: ActionId }
  | { type: 'unmask' }
  | { type: 'unfold' }
  | { type: 'freeze' }
  | { type: 'pace'; by: 1 | -1 }
  | { type: 'focus'; on: Exclude<Focus, 'question'> }
  | { type: 'scroll'; by: number }
  | { type: 'typed'; text: string }
  | { type: 'erase'; what: 'letter' | 'word' | 'all' }
  | { type: 'choose'; by: 1 | -1 }
  /** Enter where text is entered. */
  | { type: 'enter' }
  /** Escape there. */
  | { type: 'leave' }
  | { type: 'copy' }
  /** The text that is shown. */
  | { type: 'copy-text' }
  /** Takes the mouse, or leaves it to the terminal. */
  | { type: 'mouse' }
  | KeyEffect;

/** What a key asks the session for as it is. */
type KeyEffect =
  | { type: 'refresh' }
  | { type: 'redraw' }
  | { type: 'suspend' }
  | { type: 'stop' }
  | { type: 'view' }
  | { type: 'quit' }
  /** Ctrl-C: leaves with the exit code of SIGINT. */
  | { type: 'interrupt' };

/** What the reducer cannot do itself: it passes these on to the session. */
export type Effect =
  | KeyEffect
  | { type: 'run'; order: Order; total?: number }
  | { type: 'count'; order: Order }
  | { type: 'edit'; action: ActionId; target: Target }
  | { type: 'clip'; text: string }
  | { type: 'take-mouse'; on: boolean };

/** Everything that changes the state. Times are milliseconds since the epoch. */
export type Event =
  | Action
  | { type: 'refreshed'; snapshot: Snapshot; at: number; everyMs: number }
  | { type: 'missed'; reason: string; at: number; retryAt: number }
  | { type: 'paged'; request: PageRequest; page: Page }
  | { type: 'looked'; order: Order; amount: number }
  | { type: 'counted'; order: Order; fixed: Order; counted: NonNullable<Question['counted']> }
  | { type: 'refused'; order: Order; reason: string }
  | { type: 'began'; id: number; order: Order; total: number | undefined; at: number }
  | { type: 'progressed'; id: number; done: number }
  | { type: 'ended'; id: number; outcome: Outcome }
  | { type: 'told'; text: string; failures?: readonly RunFailure[]; tone?: 'good' | 'warning' | 'alarm' }
  | { type: 'ticked'; at: number }
  | { type: 'resized'; columns: number; rows: number };
