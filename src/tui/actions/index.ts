import type { Change } from '../../jobs/change-matching.ts';
import type { JobState } from '../../jobs/job.ts';
import type { Target } from './target.ts';

/** Something that changes jobs, queues or workers, as data. */
export interface ActionKind {
  /** A capital letter, as only these are. */
  key: string;
  /** What it is called, and what was done: `replay`, `replayed`. */
  verb: string;
  done: string;
  about: string;
  fits(target: Target): boolean;
  /** Also one alone is asked about: it cannot be taken back, or not easily. */
  asks: boolean;
  /** Only one at a time. */
  alone?: true;
  /** What the server calls it, where it can do it to all that fit a filter. */
  matching?: Change;
}

const isJob = (target: Target, fits: (state: JobState) => boolean): boolean =>
  target.kind === 'job' && fits(target.state);
const hasEnded = (state: JobState): boolean => state === 'completed' || state === 'failed';

/** Every action, in the order in which they are shown. */
export const ACTIONS = {
  replay: {
    key: 'R',
    verb: 'replay',
    done: 'replayed',
    about: 'put dead letters back to wait, as new',
    fits: (target) => target.kind === 'group' || isJob(target, (state) => state === 'failed'),
    asks: false,
    matching: 'retry',
  },
  edit: {
    key: 'E',
    verb: 'edit',
    done: 'changed',
    about: 'change the payload in your editor; a dead letter is then replayed',
    fits: (target) => isJob(target, (state) => !['active', 'completed', 'waiting-children'].includes(state)),
    asks: false,
    alone: true,
  },
  promote: {
    key: 'M',
    verb: 'promote',
    done: 'promoted',
    about: 'let delayed jobs wait for their turn at once',
    fits: (target) => isJob(target, (state) => state === 'delayed'),
    asks: false,
    matching: 'promote',
  },
  cancel: {
    key: 'C',
    verb: 'cancel',
    done: 'cancelled',
    about: 'end jobs that wait or run: they are dead then',
    fits: (target) => isJob(target, (state) => !hasEnded(state) && state !== 'waiting-children'),
    asks: true,
    matching: 'cancel',
  },
  remove: {
    key: 'D',
    verb: 'delete',
    done: 'deleted',
    about: 'delete jobs for good',
    fits: (target) => target.kind === 'group' || isJob(target, (state) => state !== 'active'),
    asks: true,
    matching: 'remove',
  },
  pause: {
    key: 'P',
    verb: 'pause',
    done: 'paused',
    about: 'pause a queue, or resume one that is paused',
    fits: ({ kind }) => kind === 'queue',
    asks: false,
  },
  quiet: {
    key: 'K',
    verb: 'quiet',
    done: 'quieted',
    about: 'let a worker finish what it runs and take no more',
    fits: ({ kind }) => kind === 'worker',
    asks: true,
  },
  stop: {
    key: 'S',
    verb: 'shut down',
    done: 'shut down',
    about: 'end a worker as Ctrl-C does: it puts back what it cannot finish in time',
    fits: ({ kind }) => kind === 'worker',
    asks: true,
  },
} as const satisfies Record<string, ActionKind>;

export type ActionId = keyof typeof ACTIONS;
export const ACTION_IDS = Object.keys(ACTIONS) as ActionId[];
export const actionOf = (id: ActionId): ActionKind => ACTIONS[id];

/** From so many on, their number has to be typed. */
export const MANY = 100;
