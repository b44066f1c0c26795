import { count } from '../../lib/text.ts';
import { actionOf, MANY } from '../actions/index.ts';
import type { Chosen, Order } from '../actions/order.ts';
import { nameOf } from '../actions/target.ts';
import { amount, type Cell } from '../cells.ts';
import type { Look } from '../paint.ts';
import type { State } from '../state.ts';
import { overlay } from './box.ts';

/** What is asked before something is done that reaches far or cannot be taken back. */
export function renderQuestion(state: State, look: Look, behind: readonly string[], room: number): string[] {
  const { question, size, label, connection } = state;
  if (!question) return [...behind];
  const { order, counted, looked, typed } = question;
  const frame = { columns: size.columns, room };
  const { verb } = actionOf(order.action);
  const title = capitalize(verb);
  if (!counted) {
    const text = looked > 0 ? `Counting… ${amount(looked)} looked at` : 'Counting…';
    return overlay(look, behind, frame, { title: `${title}?`, lines: [text], foot: 'Esc: no' });
  }
  const { total, samples } = counted;
  const needsNumber = total > MANY;
  const lines: Cell[] = [
    ...wherefrom(order.to, counted.byQueue),
    `at     ${label}`,
    ...samplesOf(order, samples),
    ...(connection.is === 'lost'
      ? [{ text: 'Redis is away: nothing can be done until it is back', tone: 'alarm' } as const]
      : []),
    '',
    needsNumber
      ? { text: `Type the number to confirm: ${typed}_`, tone: 'warning' }
      : { text: `${capitalize(verb)}? y/N`, tone: 'warning' },
  ];
  const foot = needsNumber ? 'Enter: confirm   Esc: no' : 'y: yes   Enter, Esc: no';
  return overlay(look, behind, frame, { title: `${title} ${wordsFor(order, total)}?`, lines, foot });
}

/** `1,021 jobs`, `job 88012`, `queue mail`. */
function wordsFor({ to }: Order, total: number): string {
  const [first, ...others] = to.are === 'these' ? to.targets : [];
  if (first && others.length === 0) return `${first.kind} ${nameOf(first)}`;
  return count(total, first?.kind ?? 'job');
}

function wherefrom(to: Chosen, byQueue: Record<string, number>): Cell[] {
  const queues = Object.entries(byQueue).map(([queue, number]) => `${queue} ${amount(number)}`);
  const from = queues.length === 0 ? [] : [`from   ${queues.join(', ')}`];
  if (to.are === 'matching') return [...from, `that   ${to.filter}`];
  if (to.are === 'letters') {
    const groups = to.filters.map(
      ({ group, error }) => `group ${group}${error === undefined ? '' : ` error:${error}`}`,
    );
    return [...from, `that   ${groups.join(', ')}`];
  }
  const places = new Set(to.targets.flatMap((target) => (target.kind === 'job' ? target.queue : [])));
  return places.size === 0 ? [] : [`from   ${[...places].join(', ')}`];
}

function samplesOf({ to }: Order, samples: readonly string[]): Cell[] {
  const [first, ...others] = to.are === 'these' && to.targets.length > 1 ? to.targets.map(nameOf) : samples;
  if (first === undefined) return [];
  return [`e.g.   ${first}`, ...others.slice(0, 2).map((each) => `       ${each}`)].map((text) => ({
    text,
    tone: 'faint',
  }));
}

const capitalize = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
