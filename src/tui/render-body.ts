import { type Cell, textOf, toneOf } from './cells.ts';
import { renderPalette } from './dialogs/render-palette.ts';
import { renderQuestion } from './dialogs/render-question.ts';
import { pageRows, panelRows, textRows } from './layout.ts';
import { renderLine } from './line.ts';
import { columnsHere, listOf } from './list.ts';
import { firstLine } from './move.ts';
import { type Look, paint } from './paint.ts';
import { renderFailures } from './dialogs/render-failures.ts';
import { renderPanel } from './render-panel.ts';
import { renderHelp } from './render-help.ts';
import { isText } from './screens/index.ts';
import { listed, pageOf, type State, viewOf } from './state.ts';
import { placeColumns, renderRow, renderTitles } from './table.ts';
import { textOfPlace } from './text.ts';

/** What stands between head and foot: the help screen, or the place, of which only the visible rows are made, with a dialog over it. */
export function renderBody(state: State, look: Look, room: number): string[] {
  if (state.focus === 'help') return renderHelp(state, look, room);
  if (state.focus === 'failures') return renderFailures(state, look, room);
  const lines = [...fill(renderPlace(state, look), room - panelRows(state)), ...renderBeneath(state, look)];
  if (state.focus === 'question') return renderQuestion(state, look, lines, room);
  return state.focus === 'palette' ? renderPalette(state, look, lines, room) : lines;
}

const fill = (lines: readonly string[], room: number): string[] =>
  Array.from({ length: Math.max(room, lines.length) }, (_, row) => lines[row] ?? '');

/** What is old is greyed. */
const greyed = (state: State, look: Look, draw: (look: Look) => string[]): string[] =>
  state.connection.is === 'lost'
    ? draw({ ...look, color: false }).map((line) => paint(look, 'faint', line))
    : draw(look);

const renderBeneath = (state: State, look: Look): string[] =>
  listed(state) ? greyed(state, look, (plain) => renderPanel(state, plain)) : [];

function renderPlace(state: State, look: Look): string[] {
  const draw = !listed(state) ? renderWaiting : isText(state.place) ? renderText : renderList;
  return greyed(state, look, (plain) => draw(state, plain));
}

function renderList(state: State, look: Look): string[] {
  const { screen, rows, start, count, total, selected } = listOf(state);
  const view = viewOf(state);
  const placed = placeColumns(columnsHere(state), state.size.columns);
  const at = listed(state)!.at.getTime();
  const visible = Math.min(count - view.top, pageRows(state));
  const lines = Array.from({ length: Math.max(0, visible) }, (_, line) => {
    const index = view.top + line;
    const row = rows[index - start];
    // It is being read.
    if (row === undefined) return paint(look, 'faint', index === view.index ? ' > …' : '   …');
    const marked = view.all || view.marks.has(screen.identity(row));
    return renderRow(look, placed, { row, at, flag: screen.flag(row), marked, selected: index === selected });
  });
  return [renderTitles(look, placed, view.sort), ...lines, ...(count > 0 ? [] : renderEmpty(state, look, total))];
}

function renderText(state: State, look: Look): string[] {
  const lines = textOfPlace(state);
  if (lines.length === 0) return ['', ...message(state, look, pageOf(state)?.problem ?? 'Reading…')];
  const top = firstLine(state);
  return lines.slice(top, top + textRows(state)).map((line) => ` ${paint(look, toneOf(line), textOf(line))}`);
}

function renderEmpty(state: State, look: Look, total: number | null): string[] {
  const page = pageOf(state);
  const { filter } = viewOf(state);
  const { screen } = listOf(state);
  if (!screen.rows && !page) return ['', ...message(state, look, 'Reading…')];
  if (page?.problem !== undefined) return ['', ...message(state, look, { text: page.problem, tone: 'alarm' })];
  // Of what the server searches, it does not say how much there is beside.
  const isFiltered = filter !== '' && (total === null || total > 0 || screen.searched === undefined);
  return [
    '',
    ...message(state, look, isFiltered ? `Nothing matches "${filter}". Esc clears.` : screen.empty(state.place)),
  ];
}

function renderWaiting(state: State, look: Look): string[] {
  const text = state.connection.is === 'lost' ? 'No data yet: Redis does not answer.' : 'Connecting…';
  return ['', '', ...message(state, look, text)];
}

// In line with the rows that would stand here.
const message = ({ size }: State, look: Look, cell: Cell): string[] => [
  `  ${renderLine(look, size.columns - 2, { left: [cell] })}`,
];
