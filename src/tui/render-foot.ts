import { age, amount, type Cell } from './cells.ts';
import { troublesOf } from './health.ts';
import { type Binding, groupBindings, keyLabel } from './keys.ts';
import { statusRows } from './layout.ts';
import { fitPieces, type Line, renderLine, widthOf } from './line.ts';
import { listOf } from './list.ts';
import type { Look } from './paint.ts';
import { clockTime } from './render-head.ts';
import { listed, type State, viewOf } from './state.ts';

const GAP = '   ';
// The columns of a gap and `+12 more`.
const COUNTED = 12;

/** The lines under the list: a lost Redis, the filter, the row under the cursor, troubles, as far as there is room; then the hints. */
export function renderFoot(state: State, look: Look): string[] {
  const { columns } = state.size;
  const room = statusRows(state.size);
  const [away, narrowed] = [lost(state, room), filter(state)];
  // Whoever is typing has to see what.
  const first = state.focus === 'filter' ? [...narrowed, ...away] : [...away, ...narrowed];
  const status = [...first, ...detail(state)].slice(0, room);
  status.push(...troubles(state, room - status.length));
  return [
    ...Array.from({ length: room - status.length }, () => ''),
    ...status.map((line) => renderLine(look, columns, { gap: GAP, ...line })),
    renderLine(look, columns, { left: hints(state.focus, columns - 2) }),
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

function filter(state: State): Line[] {
  const { filter: text } = viewOf(state);
  if (text === '' && state.focus !== 'filter') return [];
  const { rows, total } = listOf(state);
  const cursor = state.focus === 'filter' ? '_' : '';
  return [
    {
      left: [{ text: `filter: ${text}${cursor}`, tone: 'accent' }, `${amount(rows.length)} of ${amount(total)} shown`],
    },
  ];
}

function detail(state: State): Line[] {
  const { screen, rows, selected } = listOf(state);
  return selected === -1 || !screen.detail ? [] : [{ left: screen.detail(rows[selected]) }];
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
export function hints(focus: State['focus'], width: number): Cell[] {
  const all = groupBindings(({ scope, hint }) => scope === focus && hint === true).map(({ label, bindings }) =>
    hintText(label, bindings),
  );
  const [first, last] = [all.slice(0, -2), all.slice(-2)];
  const kept = fitPieces(first, width - widthOf(last, '  ') - 2, '  ');
  return [...kept, ...last];
}

const hintText = (label: string, bindings: readonly Binding[]): string =>
  `${bindings.map(({ keys }) => keyLabel(keys[0]!)).join('')} ${label}`;
