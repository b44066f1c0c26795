import { type Outcome, type RunFailure, wordsOf } from './actions/order.ts';
import { amount, type Cell } from './cells.ts';
import type { Event } from './events.ts';
import { dismiss } from './actions/decide.ts';
import { settle } from './move.ts';
import { ROOTS, subjectOf } from './places.ts';
import type { State } from './state.ts';

/** Reasons that are kept. */
const MOST_FAILURES = 500;

/** The state after something came that was not a key; undefined for keys. */
export function received(state: State, event: Event): State | undefined {
  switch (event.type) {
    case 'refreshed': {
      const { snapshot, at, everyMs } = event;
      return settle({ ...state, snapshot, now: at, connection: { is: 'live', everyMs } });
    }
    case 'missed':
      return missed(state, event);
    case 'paged':
      return paged(state, event);
    case 'looked':
      return isAsked(state, event) ? { ...state, question: { ...state.question!, looked: event.amount } } : state;
    case 'counted':
      return isAsked(state, event) ? counted(state, event) : state;
    case 'refused':
      return isAsked(state, event) ? { ...dismiss(state), flash: [{ text: event.reason, tone: 'alarm' }] } : state;
    case 'began': {
      const { id, order, total, at } = event;
      return { ...state, runs: [...state.runs, { id, order, total, done: 0, failed: 0, startedAt: at }] };
    }
    case 'progressed':
      return {
        ...state,
        runs: state.runs.map((run) => (run.id === event.id ? { ...run, done: event.done } : run)),
      };
    case 'ended':
      return ended(state, event);
    case 'told':
      return withFailures(
        { ...state, flash: [{ text: event.text, tone: event.tone ?? 'good' }] },
        event.failures ?? [],
      );
    case 'ticked':
      return { ...state, now: event.at };
    case 'resized':
      return settle({ ...state, size: { columns: event.columns, rows: event.rows } });
    default:
      return undefined;
  }
}

function missed(state: State, { reason, at, retryAt }: Event & { type: 'missed' }): State {
  const before = state.connection;
  const [since, retries] = before.is === 'lost' ? [before.since, before.retries + 1] : [at, 1];
  return { ...state, now: at, connection: { is: 'lost', since, reason, retries, retryAt } };
}

/** Pages are kept of the places that a key leads back to. */
function paged(state: State, { request, page }: Event & { type: 'paged' }): State {
  if (state.question) return state;
  const key = subjectOf(request.place);
  const before = state.pages[key];
  // A job that is gone is still worth reading.
  const kept = page.problem !== undefined && before?.job ? { ...before, problem: page.problem } : page;
  const near = new Set([state.place, ...state.trail, ...ROOTS].map(subjectOf));
  const others = Object.entries(state.pages).filter(([each]) => near.has(each));
  const next = { ...state, pages: { ...Object.fromEntries(others), [key]: { ...kept, request } } };
  return key === subjectOf(state.place) ? settle(next) : next;
}

const isAsked = ({ question }: State, { order }: { order: object }): boolean =>
  question !== undefined && question.counted === undefined && question.order === order;

function counted(state: State, { fixed, counted: found }: Event & { type: 'counted' }): State {
  if (found.total === 0) {
    const flash: Cell = { text: `Nothing fits: there is nothing to ${wordsOf(fixed).verb}`, tone: 'warning' };
    return { ...dismiss(state), flash: [flash] };
  }
  return { ...state, question: { ...state.question!, order: fixed, counted: found } };
}

function ended(state: State, { id, outcome }: Event & { type: 'ended' }): State {
  const run = state.runs.find((each) => each.id === id);
  if (!run) return state;
  const next = { ...state, runs: state.runs.filter((each) => each.id !== id) };
  return withFailures({ ...next, flash: endOf(run, outcome) }, outcome.failures);
}

function endOf({ order, total }: State['runs'][number], { done, failures, stopped, hint, said }: Outcome): Cell[] {
  const [first] = failures;
  if (done === 0 && first && failures.length === 1) return [{ text: first.reason, tone: 'alarm' }];
  const of = total !== undefined && (total > done || stopped) ? ` of ${amount(total)}` : '';
  const parts = [
    said ?? `${wordsOf(order).done} ${amount(done)}${of}`,
    ...(stopped ? ['stopped: the same again goes on'] : []),
    ...(failures.length > 0 ? [`${amount(failures.length)} failed, ! says why`] : []),
    ...(!stopped && failures.length === 0 && total !== undefined && total > done
      ? ['the others have moved on meanwhile']
      : []),
    ...(hint === undefined ? [] : [hint]),
  ];
  const tone = failures.length > 0 || stopped ? 'warning' : 'good';
  return parts.map((text, index) => (index === 0 ? { text, tone } : text));
}

const withFailures = (state: State, failures: readonly RunFailure[]): State =>
  failures.length === 0 ? state : { ...state, failures: [...failures, ...state.failures].slice(0, MOST_FAILURES) };
