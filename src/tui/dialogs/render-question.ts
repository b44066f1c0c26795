import { renderLimits } from '../../jobs/render-limits.ts';
import { count } from '../../lib/text.ts';
import { actionOf, MANY } from '../actions/index.ts';
import { type Chosen, type Order, wordsOf } from '../actions/order.ts';
import { nameOf } from '../actions/target.ts';
import { amount, type Cell } from '../cells.ts';
import type { Look } from '../paint.ts';
import { listed, type Question, type State } from '../state.ts';
import { wrap } from '../wrap.ts';
import { innerRows, innerWidth, overlay } from './box.ts';

/** What is asked before something is done that reaches far or cannot be taken back. */
export function renderQuestion(state: State, look: Look, behind: readonly string[], room: number): string[] {
  const { question, size, label, connection } = state;
  if (!question) return [...behind];
  const { order, counted, looked } = question;
  const frame = { columns: size.columns, room };
  const { wants } = actionOf(order.action);
  const title = capitalize(wordsOf(order).verb);
  if (!counted) {
    const text = looked > 0 ? `Counting… ${amount(looked)} looked at` : 'Counting…';
    return overlay(look, behind, frame, { title: `${title}?`, lines: [text], foot: 'Esc: no' });
  }
  const { total, samples } = counted;
  const asked: Cell[] = [
    ...(connection.is === 'lost'
      ? [{ text: 'Redis is away: nothing can be done until it is back', tone: 'alarm' } as const]
      : []),
    '',
    ...asking(question, total, innerWidth(size.columns)),
  ];
  const about: Cell[] = [
    ...wherefrom(order.to, counted.byQueue),
    `at     ${label}`,
    ...aboutQueue(state, order),
    ...samplesOf(order, samples),
  ];
  // What has to be typed is always seen, in however small a terminal.
  const lines = [...about.slice(0, Math.max(0, innerRows(room) - asked.length)), ...asked];
  const foot = wants || total > MANY ? 'Enter: confirm   Esc: no' : 'y: yes   Enter, Esc: no';
  return overlay(look, behind, frame, { title: `${title} ${wordsFor(order, total)}?`, lines, foot });
}

/** What has to be typed. */
function asking({ order, typed, isWrong }: Question, total: number, width: number): Cell[] {
  const { wants } = actionOf(order.action);
  if (wants) {
    const tone = isWrong ? 'alarm' : 'warning';
    return [
      ...wrap(wants.asked, width).map((text) => ({ text, tone }) as const),
      { text: `> ${typed}_`, tone: 'strong' },
    ];
  }
  const text = total > MANY ? `Type the number to confirm: ${typed}_` : `${capitalize(wordsOf(order).verb)}? y/N`;
  return [{ text, tone: 'warning' }];
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
    const groups = to.filters.map(({ group, queue, error }) =>
      [
        ...(group === undefined ? [`queue:${queue}`] : [`group ${group}`]),
        ...(error === undefined ? [] : [`error:${error}`]),
      ].join(' '),
    );
    return [...from, `that   ${groups.join(', ')}`];
  }
  const places = new Set(to.targets.flatMap((target) => ('queue' in target ? (target.queue ?? []) : [])));
  return [
    ...(places.size === 0 ? [] : [`from   ${[...places].join(', ')}`]),
    ...(to.others ? [`not    ${amount(to.others)} marked to which it cannot be done`] : []),
  ];
}

function samplesOf({ to }: Order, samples: readonly string[]): Cell[] {
  const [first, ...others] = to.are === 'these' && to.targets.length > 1 ? to.targets.map(nameOf) : samples;
  if (first === undefined) return [];
  return [`e.g.   ${first}`, ...others.slice(0, 2).map((each) => `       ${each}`)].map((text) => ({
    text,
    tone: 'faint',
  }));
}

/** What a queue has now, where all of it or what holds for it is to change. */
function aboutQueue(state: State, { action, to }: Order): Cell[] {
  const [target] = to.are === 'these' ? to.targets : [];
  const queue = target?.kind === 'queue' && listed(state)?.queues.find(({ name }) => name === target.name);
  if (!queue) return [];
  if (action === 'limit') return [`now    ${renderLimits(queue) || 'no limits'}`];
  if (action !== 'drop') return [];
  const { waiting, active, delayed, completed, failed } = queue;
  const counts = { waiting, active, delayed, completed, dead: failed };
  return [
    `has    ${Object.entries(counts)
      .map(([word, number]) => `${amount(number)} ${word}`)
      .join(', ')}`,
  ];
}

const capitalize = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
