import type { Effect } from '../events.ts';
import type { Step } from '../reduce.ts';
import { type State, withView } from '../state.ts';
import { type ActionId, actionOf, MANY } from './index.ts';
import type { Order } from './order.ts';
import { chosenFor } from './selection.ts';

/** Nothing that is wanted is longer. */
const LONGEST = 200;

const tell = (state: State, text: string): Step => ({ state: { ...state, flash: [{ text, tone: 'warning' }] } });

/** What a capital letter leads to: something that is done at once, or a question, the more the wider it reaches. */
export function decide(state: State, id: ActionId): Step {
  const action = actionOf(id);
  if (state.readOnly) return tell(state, 'Read-only: nothing can be changed from here');
  if (state.connection.is !== 'live') return tell(state, 'Redis is away: nothing can be changed until it is back');
  const to = chosenFor(state, id);
  if (to.are === 'nothing') return tell(state, to.why);
  const order: Order = { action: id, to };
  if (to.are !== 'these') return ask(state, order, undefined);
  const [first, ...others] = to.targets;
  if (action.edits && first) return { state, effect: { type: 'edit', action: id, target: first } };
  if (others.length === 0 && !to.others && !action.asks && !action.wants)
    return { state, effect: { type: 'run', order } };
  return ask(state, order, to.targets.length);
}

function ask(state: State, order: Order, total: number | undefined): Step {
  const counted = total === undefined ? undefined : { total, byQueue: {}, samples: [] };
  const effect: Effect | undefined = counted ? undefined : { type: 'count', order };
  const asked: State = {
    ...state,
    focus: 'question',
    // Neither the list behind it nor what was chosen of it may move.
    frozen: state.frozen ?? state.snapshot,
    question: { order, counted, looked: 0, typed: '', isWrong: false, wasFrozen: state.frozen !== undefined },
  };
  return effect ? { state: asked, effect } : { state: asked };
}

/** A key while a question is asked. Anything but what it asks for is no. */
export function answer(state: State, text: string): Step {
  const { question } = state;
  if (!question?.counted) return { state };
  if (actionOf(question.order.action).wants) {
    const typed = (question.typed + text).slice(0, LONGEST);
    return { state: { ...state, question: { ...question, typed, isWrong: false } } };
  }
  if (question.counted.total > MANY) {
    const typed = /^\d$/.test(text) ? question.typed + text : question.typed;
    return { state: { ...state, question: { ...question, typed: typed.slice(0, 12) } } };
  }
  if (text.toLowerCase() === 'y') return agree(state);
  return text.toLowerCase() === 'n' ? { state: dismiss(state) } : { state };
}

/** Enter: no, unless what is wanted was typed. */
export function confirm(state: State): Step {
  const { question } = state;
  if (!question?.counted) return { state };
  const { total } = question.counted;
  const { order, typed } = question;
  const { wants } = actionOf(order.action);
  if (wants && order.to.are === 'these') {
    if (typed === '') return { state: dismiss(state) };
    if (wants.fits(typed, order.to.targets)) return agree(state);
    return { state: { ...state, question: { ...question, isWrong: true } } };
  }
  if (total <= MANY) return { state: dismiss(state) };
  if (typed === String(total)) return agree(state);
  return { state: { ...state, question: { ...question, typed: '' } } };
}

/** The question is gone and nothing was done. */
export function dismiss(state: State): State {
  const frozen = state.question?.wasFrozen ? state.frozen : undefined;
  return { ...state, focus: 'list', question: undefined, frozen };
}

function agree(state: State): Step {
  const { order: asked, typed } = state.question!;
  if (state.connection.is !== 'live') return tell(dismiss(state), 'Redis is away: nothing was done');
  const free = withView(dismiss(state), { marks: new Map(), all: false });
  const order: Order = actionOf(asked.action).wants ? { ...asked, typed } : asked;
  return { state: free, effect: { type: 'run', order, total: state.question!.counted!.total } };
}
