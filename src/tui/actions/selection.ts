import { messageOf } from '../../errors.ts';
import { JOB_STATES } from '../../jobs/job.ts';
import { letterFilterOf } from '../data/letter-filter.ts';
import { filterOfJobs, jobsOfQueues } from '../data/place-filter.ts';
import { rowAtCursor } from '../list.ts';
import { screenOf } from '../screens/index.ts';
import { pageOf, type State, viewOf } from '../state.ts';
import { type ActionId, type ActionKind, actionOf } from './index.ts';
import type { Chosen } from './order.ts';
import type { Target } from './target.ts';

type Choice = Chosen | { are: 'nothing'; why: string };

/** What an action would be done to now: all that the filter fits, the marked rows, or the one under the cursor. */
export function chosenFor(state: State, id: ActionId): Choice {
  const action = actionOf(id);
  if (viewOf(state).all) return everythingFor(state, id);
  const marked = [...viewOf(state).marks.values()];
  const here = targetHere(state) ?? (id === 'add' ? queueHere(state) : undefined);
  const chosen = marked.length > 0 ? marked : here ? [here] : [];
  const fitting = chosen.filter((target) => action.fits(target));
  if (fitting.length === 0) return { are: 'nothing', why: `There is nothing here to ${action.verb}` };
  if (action.alone && fitting.length > 1) return { are: 'nothing', why: onlyOne(action) };
  if (id === 'pause') return { are: 'these', targets: alike(fitting) };
  return asLetters(fitting) ?? asJobs(fitting, id) ?? these(fitting, chosen.length - fitting.length);
}

const these = (targets: readonly Target[], others: number): Chosen =>
  others > 0 ? { are: 'these', targets, others } : { are: 'these', targets };

/** Of several queues none is resumed while one is to be paused. */
function alike(targets: readonly Target[]): readonly Target[] {
  const running = targets.filter((target) => target.kind === 'queue' && !target.paused);
  return running.length > 0 ? running : targets;
}

const onlyOne = ({ done }: ActionKind): string => `Only one at a time can be ${done}: u takes the marks away`;

/** The row under the cursor, or the job that is shown. */
export function targetHere(state: State): Target | undefined {
  const job = pageOf(state)?.job;
  if (state.place.screen === 'job') return job && { kind: 'job', queue: job.queue, id: job.id, state: job.state };
  const row = rowAtCursor(state);
  return row === undefined ? undefined : screenOf(state.place).target?.(row, state.place);
}

/** The queue whose jobs are shown. */
function queueHere({ place }: State): Target | undefined {
  const name = place.screen === 'jobs' ? place.queue : undefined;
  return name === undefined ? undefined : { kind: 'queue', name, paused: false };
}

/** Groups stand for their letters. */
function asLetters(targets: readonly Target[]): Chosen | undefined {
  const groups = targets.filter((target) => target.kind === 'group');
  if (groups.length === 0) return undefined;
  const filters = groups.map(({ group, type, queue }) => ({ group, type, ...(queue === undefined ? {} : { queue }) }));
  return { are: 'letters', filters };
}

/** Queues stand for their jobs, where it is these that something is done to. */
function asJobs(targets: readonly Target[], id: ActionId): Chosen | undefined {
  const queues = targets.flatMap((target) => (target.kind === 'queue' ? target.name : []));
  if (queues.length === 0 || !actionOf(id).matching) return undefined;
  if (id === 'replay') return { are: 'letters', filters: queues.map((queue) => ({ queue })) };
  return { are: 'matching', filter: jobsOfQueues(queues, id === 'remove' ? ['waiting', 'prioritized'] : []) };
}

function everythingFor(state: State, id: ActionId): Choice {
  const { place } = state;
  const { filter } = viewOf(state);
  const action = actionOf(id);
  if (action.alone) return { are: 'nothing', why: onlyOne(action) };
  try {
    if (place.screen === 'letters') {
      if (action.matching) return { are: 'letters', filters: [letterFilterOf(place, filter)] };
    }
    if (place.screen === 'jobs') {
      // The server does it to those of them that it can be done to.
      const states = place.state === 'all' ? JOB_STATES : [place.state];
      const fits = states.some((of) => action.fits({ kind: 'job', queue: '', id: '', state: of }));
      if (action.matching && fits) return { are: 'matching', filter: filterOfJobs(place, filter) };
      if (fits) return { are: 'nothing', why: `Only rows that are marked one by one can be ${action.done}` };
    }
    return { are: 'nothing', why: `There is nothing here to ${action.verb}` };
  } catch (error) {
    return { are: 'nothing', why: messageOf(error) };
  }
}
