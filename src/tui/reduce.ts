import { count } from '../lib/text.ts';
import { answer, confirm, decide, dismiss } from './actions/decide.ts';
import { nameOf } from './actions/target.ts';
import { targetHere } from './actions/selection.ts';
import type { Action, Effect, Event } from './events.ts';
import { pageRows } from './layout.ts';
import { rowAtCursor } from './list.ts';
import { mark, markAll, markRange, unmark } from './mark.ts';
import { filterBy, jump, move, moveTo, seek, settle, sortBy } from './move.ts';
import { back, beside, go, nextSort, show, turn } from './navigate.ts';
import { paletteItems } from './palette.ts';
import { received } from './receive.ts';
import { screenOf } from './screens/index.ts';
import { wholeText } from './text.ts';
import { type State, viewOf, withView } from './state.ts';

/** How often people may want to look, in milliseconds. */
export const PACES = [250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000] as const;

const MOUSE_TAKEN = 'The mouse moves, sorts and opens here; with Shift, most terminals still select text';
const MOUSE_LEFT = 'The mouse is left to the terminal';

export interface Step {
  state: State;
  /** What the session has to do now. */
  effect?: Effect;
}

/** The next state; pure. */
export function reduce(state: State, event: Event): Step {
  const next = received(state, event);
  if (next) return { state: next };
  // What the last key had to say has been read.
  return pressed({ ...state, flash: [] }, event as Action);
}

function pressed(state: State, action: Action): Step {
  switch (action.type) {
    case 'move':
      return { state: move(state, action.by) };
    case 'seek':
      return { state: seek(state, action.by) };
    case 'point':
      return { state: moveTo(state, action.index) };
    case 'page':
      return { state: move(state, action.by * pageRows(state)) };
    case 'jump':
      return { state: jump(state, action.to) };
    case 'show':
      return { state: show(state, action.place) };
    case 'go':
      return { state: go(state, action.place) };
    case 'open': {
      const row = rowAtCursor(state);
      const place = row === undefined ? undefined : screenOf(state.place).opens?.(row, state.place);
      return { state: place ? go(state, place) : state };
    }
    case 'back':
      return { state: back(state) };
    case 'beside':
      return { state: beside(state, action.what) };
    case 'turn':
      return { state: turn(state, action.by) };
    case 'turn-to':
      return { state: settle({ ...state, place: action.place }) };
    case 'sort':
      return { state: sortBy(state, { column: action.column ?? nextSort(state), descending: true }) };
    case 'reverse': {
      const { sort } = viewOf(state);
      return { state: sortBy(state, { ...sort, descending: !sort.descending }) };
    }
    case 'widen':
      return { state: withView(state, { wide: !viewOf(state).wide }) };
    case 'timing':
      return { state: settle({ ...state, timing: state.timing === 'run' ? 'wait' : 'run' }) };
    case 'bars':
      return { state: settle({ ...state, bars: !state.bars }) };
    case 'mark':
      return { state: mark(state) };
    case 'mark-range':
      return { state: markRange(state) };
    case 'mark-all':
      return { state: markAll(state) };
    case 'unmark':
      return { state: unmark(state) };
    case 'act':
      return decide(state, action.action);
    case 'unmask':
      return { state: { ...state, unmasked: !state.unmasked } };
    case 'unfold':
      return { state: { ...state, unfolded: !state.unfolded } };
    case 'freeze':
      return { state: settle({ ...state, frozen: state.frozen ? undefined : state.snapshot }) };
    case 'pace': {
      const intervalMs = nextPace(state.intervalMs, action.by);
      return intervalMs === state.intervalMs
        ? { state }
        : { state: { ...state, intervalMs }, effect: { type: 'refresh' } };
    }
    case 'focus':
      return { state: { ...state, focus: action.on, scrolled: 0, palette: { text: '', index: 0 } } };
    case 'scroll':
      return { state: { ...state, scrolled: Math.max(0, state.scrolled + action.by) } };
    case 'typed':
      return typed(state, action.text);
    case 'erase':
      return erased(state, action.what);
    case 'choose':
      return { state: choose(state, action.by) };
    case 'enter':
      return entered(state);
    case 'leave':
      return { state: left(state) };
    case 'copy': {
      const target = targetHere(state);
      const text = target && nameOf(target);
      return text === undefined
        ? { state }
        : { state: { ...state, flash: [`copied ${text}`] }, effect: { type: 'clip', text } };
    }
    case 'copy-text': {
      const text = wholeText(state);
      return text === ''
        ? { state }
        : {
            state: { ...state, flash: [`copied ${count(text.split('\n').length, 'line')}`] },
            effect: { type: 'clip', text },
          };
    }
    case 'mouse':
      return {
        state: { ...state, mouse: !state.mouse, flash: [state.mouse ? MOUSE_LEFT : MOUSE_TAKEN] },
        effect: { type: 'take-mouse', on: !state.mouse },
      };
    default:
      return { state, effect: action };
  }
}

function typed(state: State, text: string): Step {
  if (state.focus === 'filter') return { state: filterBy(state, viewOf(state).filter + text) };
  if (state.focus === 'palette') return { state: { ...state, palette: { text: state.palette.text + text, index: 0 } } };
  return answer(state, text);
}

function erased(state: State, what: 'letter' | 'word' | 'all'): Step {
  const shorten = (text: string): string => {
    if (what === 'word') return text.replace(/\S*\s*$/, '');
    return what === 'all' ? '' : [...text].slice(0, -1).join('');
  };
  const { question, palette } = state;
  if (state.focus === 'filter') return { state: filterBy(state, shorten(viewOf(state).filter)) };
  if (state.focus === 'palette') return { state: { ...state, palette: { text: shorten(palette.text), index: 0 } } };
  return { state: question ? { ...state, question: { ...question, typed: shorten(question.typed) } } : state };
}

function choose(state: State, by: 1 | -1): State {
  const amount = paletteItems(state).length;
  const index = amount === 0 ? 0 : (state.palette.index + by + amount) % amount;
  return { ...state, palette: { ...state.palette, index } };
}

function entered(state: State): Step {
  if (state.focus === 'question') return confirm(state);
  if (state.focus === 'filter') return { state: { ...state, focus: 'list' } };
  const chosen = paletteItems(state)[state.palette.index];
  const closed: State = { ...state, focus: 'list' };
  return chosen ? reduce(closed, chosen.action) : { state: closed };
}

function left(state: State): State {
  if (state.focus === 'question') return dismiss(state);
  return state.focus === 'filter' ? { ...filterBy(state, ''), focus: 'list' } : { ...state, focus: 'list' };
}

function nextPace(ms: number, by: 1 | -1): number {
  return (by > 0 ? PACES.find((pace) => pace > ms) : PACES.findLast((pace) => pace < ms)) ?? ms;
}
