import { wordsOf } from './actions/order.ts';
import { cleanLine } from '../lib/text.ts';
import { age, amount, type Cell, rate, textOf, toneOf } from './cells.ts';
import { clockTime } from './clock-time.ts';
import { troublesOf } from './health.ts';
import { groupBindings, hinted, keyLabel } from './bound-keys.ts';
import type { Binding } from './keys.ts';
import { statusRows } from './layout.ts';
import { fitPieces, type Line, renderLine, type Span, spansOf, widthOf } from './line.ts';
import { listOf, rowAtCursor } from './list.ts';
import type { Look } from './paint.ts';
import { isText } from './screens/index.ts';
import { listed, pageOf, type State, viewOf } from './state.ts';
import { wrap } from './wrap.ts';

const GAP = '   ';
// The columns of a gap and `+12 more`.
const COUNTED = 12;

/** The lines under the list: what is being done, a lost Redis, the filter, the row under the cursor, troubles, as far as there is room; then the hints. */
export function renderFoot(state: State, look: Look): string[] {
  const { columns } = state.size;
  const room = statusRows(state.size);
  const [away, narrowed] = [lost(state, room), narrowing(state)];
  // Whoever is typing has to see what.
  const first =
    state.focus === 'filter' ? [...narrowed, ...away] : [...said(state, room), ...away, ...running(state), ...narrowed];
  const status = [...first, ...detail(state)].slice(0, room);
  status.push(...troubles(state, room - status.length));
  return [
    ...Array.from({ length: room - status.length }, () => ''),
    ...status.map((line) => renderLine(look, columns, { gap: GAP, ...line })),
    renderLine(look, columns, { left: hints(state, columns - 2) }),
  ];
}

function lost({ connection, snapshot, now }: State, room: number): Line[] {
  if (connection.is !== 'lost') return [];
  const seconds = Math.max(0, Math.ceil((connection.retryAt - now) / 1000));
  const reason: Cell = { text: `○ ${connection.reason}`, tone: 'alarm' };
  const outlook = [
    ...(snapshot ? [`data from ${clockTime(snapshot.at.getTime())}`] : []),
    `retry ${amount(connection.retries)} in ${age(seconds * 1000)} (r now)`,
  ];
  return room > 1 ? [{ left: [reason] }, { left: outlook }] : [{ left: [reason], right: outlook }];
}

/** What the last key or run had to say. */
function said({ flash, size }: State, room: number): Line[] {
  const [first, ...others] = flash;
  if (first === undefined) return [];
  if (others.length > 0) return [{ left: flash }];
  // Such as an error that ends in the name of a file: as much of it as there is room for.
  const lines = wrap(cleanLine(textOf(first)), size.columns - 2);
  const shown = [...lines.slice(0, room - 1), ...(lines.length < room ? [] : [lines.slice(room - 1).join(' ')])];
  const tone = toneOf(first);
  return shown.map((text) => ({ left: [tone ? { text, tone } : text] }));
}

/** What is being done in the background. */
function running({ runs, now }: State): Line[] {
  const run = runs.at(-1);
  if (!run) return [];
  const of = run.total === undefined || run.total === 1 ? '' : `/${amount(run.total)}`;
  const seconds = (now - run.startedAt) / 1000;
  const pace = run.done > 0 && seconds >= 1 ? [`${rate(run.done / seconds)}/s`] : [];
  const { done } = wordsOf(run.order);
  const others = runs.length > 1 ? [`+${runs.length - 1} more`] : [];
  return [{ left: [{ text: `${done} ${amount(run.done)}${of}`, tone: 'accent' }, ...pace, 'x stops', ...others] }];
}

/** The filter and the marks: how much of what there is is meant. */
function narrowing(state: State): Line[] {
  const { filter, marks, all } = viewOf(state);
  const page = pageOf(state);
  const left: Cell[] = [];
  const { screen, count, total } = listOf(state);
  if (filter !== '' || state.focus === 'filter') {
    left.push({ text: `filter: ${filter}${state.focus === 'filter' ? '_' : ''}`, tone: 'accent' });
    const isStale = screen.searched === undefined && page?.request?.filter !== filter;
    if (page?.problem !== undefined && !isStale) left.push({ text: page.problem, tone: 'alarm' });
    else if (isStale) left.push('looking…');
    else
      left.push(
        total === null || screen.searched === undefined
          ? `${amount(count)} shown`
          : `${amount(count)} of ${amount(total)} shown`,
      );
  }
  if (page?.problem !== undefined && page.job) left.push({ text: page.problem, tone: 'warning' });
  if (all)
    left.push({
      text: filter === '' ? 'all are marked' : 'all that fit are marked',
      tone: 'accent',
    });
  if (marks.size > 0) left.push({ text: `${amount(marks.size)} marked`, tone: 'accent' });
  if (page?.note !== undefined) left.push({ text: page.note, tone: 'warning' });
  return left.length === 0 ? [] : [{ left }];
}

function detail(state: State): Line[] {
  if (isText(state.place)) return [];
  const { screen } = listOf(state);
  const row = rowAtCursor(state);
  const left = row === undefined ? [] : (screen.detail?.(row) ?? []);
  return left.length === 0 ? [] : [{ left }];
}

/** As many troubles as fit in `room` lines; the last line counts those that do not. */
function troubles(state: State, room: number): Line[] {
  const snapshot = listed(state);
  const width = state.size.columns - 2;
  const lines: Line[] = [];
  let rest: readonly Cell[] = snapshot ? troublesOf(snapshot) : [];
  while (rest.length > 0 && lines.length < room) {
    const fitting = fitPieces(rest, width, GAP);
    const isLast = lines.length === room - 1 && fitting.length < rest.length;
    // One that is wider than the screen is cut.
    const line = (isLast ? fitPieces(rest, width - COUNTED, GAP) : fitting).slice();
    if (line.length === 0) line.push(rest[0]!);
    rest = rest.slice(line.length);
    lines.push({ left: line, right: isLast && rest.length > 0 ? [`+${rest.length} more`] : [] });
  }
  return lines;
}

/** The keys that do something here; when they do not all fit, the last two (help and quit) stay. */
export const hints = (state: State, width: number): Cell[] => hintsOf(state, width).map(({ text }) => text);

/** The same with what they stand for, and where. */
export function placedHints(state: State, width: number): (Span & { bindings: readonly Binding[] })[] {
  const shown = hintsOf(state, width);
  const spans = spansOf(
    shown.map(({ text }) => text),
    '  ',
  );
  return shown.map(({ bindings }, index) => ({ bindings, ...spans[index]! }));
}

function hintsOf(state: State, width: number): { text: string; bindings: readonly Binding[] }[] {
  const all = groupBindings(hinted(state)).map(({ label, bindings }) => ({
    text: hintText(label, bindings),
    bindings,
  }));
  const stay = state.focus === 'list' ? 2 : 0;
  const texts = all.map(({ text }) => text);
  const room = width - widthOf(texts.slice(all.length - stay), '  ') - 2;
  const kept = fitPieces(texts.slice(0, all.length - stay), room, '  ').length;
  return [...all.slice(0, kept), ...all.slice(all.length - stay)];
}

const hintText = (label: string, bindings: readonly Binding[]): string =>
  `${bindings.map(({ keys }) => keyLabel(keys[0]!)).join('')} ${label}`;
