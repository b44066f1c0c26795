import type { Change } from '../../jobs/change-matching.ts';
import type { JobState } from '../../jobs/job.ts';
import type { ScreenId } from '../places.ts';
import type { Target } from './target.ts';
import { LIMITS, NAME, type Wanted, WHEN } from './wanted-text.ts';

/** Something that changes jobs, queues, schedules or workers, as data. */
export interface ActionKind {
  /** A capital letter, as only these are. */
  key: string;
  /** What it is called, and what was done: `replay`, `replayed`. */
  verb: string;
  done: string;
  about: string;
  /** The screens on which it can be done, and of those the ones whose line of hints has no room for it. */
  on: readonly ScreenId[];
  unhinted?: readonly ScreenId[];
  fits(target: Target): boolean;
  /** Also one alone is asked about: it cannot be taken back, or not easily. */
  asks: boolean;
  /** Only one at a time. */
  alone?: true;
  /** What the server calls it, where it can do it to all that fit a filter. Done to a queue it is done to its jobs. */
  matching?: Change;
  /** What has to be typed for it. */
  wants?: Wanted;
  /** It is written in an editor. */
  edits?: true;
}

const isJob = (target: Target, fits: (state: JobState) => boolean): boolean =>
  target.kind === 'job' && fits(target.state);
const hasEnded = (state: JobState): boolean => state === 'completed' || state === 'failed';
const isSchedule = ({ kind }: Target): boolean => kind === 'schedule';
const isQueue = ({ kind }: Target): boolean => kind === 'queue';

/** Every action, in the order in which they are shown. */
export const ACTIONS = {
  replay: {
    key: 'R',
    verb: 'replay',
    done: 'replayed',
    about: 'put dead letters back to wait, as new; of a queue all',
    on: ['groups', 'jobs', 'letters', 'job', 'queues'],
    unhinted: ['queues'],
    fits: (target) => target.kind === 'group' || isQueue(target) || isJob(target, (state) => state === 'failed'),
    asks: false,
    matching: 'retry',
  },
  edit: {
    key: 'E',
    verb: 'edit',
    done: 'changed',
    about: 'change the payload in your editor; a dead letter is then replayed',
    on: ['jobs', 'letters', 'job'],
    fits: (target) => isJob(target, (state) => !['active', 'completed', 'waiting-children'].includes(state)),
    asks: false,
    alone: true,
    edits: true,
  },
  promote: {
    key: 'M',
    verb: 'promote',
    done: 'promoted',
    about: 'let delayed jobs wait for their turn at once; of a queue all',
    on: ['jobs', 'job', 'queues'],
    unhinted: ['queues'],
    fits: (target) => isQueue(target) || isJob(target, (state) => state === 'delayed'),
    asks: false,
    matching: 'promote',
  },
  cancel: {
    key: 'C',
    verb: 'cancel',
    done: 'cancelled',
    about: 'end jobs that wait or run: they are dead then; of a queue all',
    on: ['jobs', 'job', 'queues'],
    unhinted: ['queues'],
    fits: (target) => isQueue(target) || isJob(target, (state) => !hasEnded(state) && state !== 'waiting-children'),
    asks: true,
    matching: 'cancel',
  },
  remove: {
    key: 'D',
    verb: 'delete',
    done: 'deleted',
    about: 'delete jobs for good; of a queue those that wait; a schedule, with the job that is next',
    on: ['groups', 'jobs', 'letters', 'job', 'queues', 'schedules'],
    unhinted: ['queues'],
    fits: (target) =>
      target.kind === 'group' || isQueue(target) || isSchedule(target) || isJob(target, (state) => state !== 'active'),
    asks: true,
    matching: 'remove',
  },
  reschedule: {
    key: 'T',
    verb: 'reschedule',
    done: 'rescheduled',
    about: 'change when jobs run that wait: their delay, their priority',
    on: ['jobs', 'job'],
    unhinted: ['jobs'],
    fits: (target) => isJob(target, (state) => ['waiting', 'prioritized', 'delayed'].includes(state)),
    asks: false,
    wants: WHEN,
  },
  pause: {
    key: 'P',
    verb: 'pause',
    done: 'paused',
    about: 'pause a queue, or resume one that is paused',
    on: ['queues'],
    fits: isQueue,
    asks: false,
  },
  limit: {
    key: 'L',
    verb: 'limit',
    done: 'limited',
    about: 'limit how many jobs of a queue run at a time, or start in a time',
    on: ['queues'],
    unhinted: ['queues'],
    fits: isQueue,
    asks: false,
    wants: LIMITS,
  },
  drop: {
    key: 'X',
    verb: 'remove',
    done: 'removed',
    about: 'remove a queue with all that is in it',
    on: ['queues'],
    unhinted: ['queues'],
    fits: isQueue,
    asks: true,
    alone: true,
    wants: NAME,
  },
  add: {
    key: 'N',
    verb: 'new job',
    done: 'added',
    about: 'add a job that you write in your editor, after the one under the cursor',
    on: ['queues', 'jobs', 'letters', 'job'],
    unhinted: ['queues', 'jobs', 'letters', 'job'],
    fits: ({ kind }) => kind === 'queue' || kind === 'job',
    asks: false,
    alone: true,
    edits: true,
  },
  duplicate: {
    key: 'B',
    verb: 'duplicate',
    done: 'duplicated',
    about: 'add another job like this one, whatever became of it',
    on: ['jobs', 'letters', 'job'],
    unhinted: ['jobs', 'letters', 'job'],
    fits: ({ kind }) => kind === 'job',
    asks: true,
  },
  run: {
    key: 'R',
    verb: 'run now',
    done: 'brought forward',
    about: 'let the next job of a schedule wait for its turn at once, before it is due',
    on: ['schedules'],
    fits: isSchedule,
    asks: false,
  },
  quiet: {
    key: 'K',
    verb: 'quiet',
    done: 'quieted',
    about: 'let a worker finish what it runs and take no more',
    on: ['workers'],
    fits: ({ kind }) => kind === 'worker',
    asks: true,
  },
  stop: {
    key: 'S',
    verb: 'shut down',
    done: 'shut down',
    about: 'end a worker as Ctrl-C does: it puts back what it cannot finish in time',
    on: ['workers'],
    fits: ({ kind }) => kind === 'worker',
    asks: true,
  },
} as const satisfies Record<string, ActionKind>;

export type ActionId = keyof typeof ACTIONS;
export const ACTION_IDS = Object.keys(ACTIONS) as ActionId[];
export const actionOf = (id: ActionId): ActionKind => ACTIONS[id];

/** From so many on, their number has to be typed. */
export const MANY = 100;
