import { type Cell, textOf, toneOf } from './cells.ts';
import { renderPalette } from './dialogs/render-palette.ts';
import { renderQuestion } from './dialogs/render-question.ts';
import { pageRows, textRows } from './layout.ts';
import { renderLine } from './line.ts';
import { listOf } from './list.ts';
import { firstLine } from './move.ts';
import { type Look, paint } from './paint.ts';
import { renderFailures } from './dialogs/render-failures.ts';
import { renderHelp } from './render-help.ts';
import { listed, pageOf, type State, viewOf } from './state.ts';
import { placeColumns, renderRow, renderTitles } from './table.ts';
import { textOfPlace } from './text.ts';

/** What stands between head and foot: the help screen, or the place, of which only the visible rows are made, with a dialog over it. */
export function renderBody(state: State, look: Look, room: number): string[] {
  if (state.focus === 'help') return renderHelp(state, look, room);
  if (state.focus === 'failures') return renderFailures(state, look, room);
  const lines = renderPlace(state, look);
  if (state.focus === 'question') return renderQuestion(state, look, lines, room);
  return state.focus === 'palette' ? renderPalette(state, look, lines, room) : lines;
}

function renderPlace(state: State, look: Look): string[] {
  const isLost = state.connection.is === 'lost';
  const plain = isLost ? { ...look, color: false } : look;
  const lines = !listed(state)
    ? renderWaiting(state, plain)
    : state.place.screen === 'job'
      ? renderText(state, plain)
      : renderList(state, plain);
  return isLost ? lines.map((line) => paint(look, 'faint', line)) : lines;
}

function renderList(state: State, look: Look): string[] {
  const { screen, rows, start, count, total, selected } = listOf(state);
  const view = viewOf(state);
  const placed = placeColumns(screen.columns(state.place), state.size.columns);
  const at = listed(state)!.at.getTime();
  const visible = Math.min(count - view.top, pageRows(state.size));
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
  return lines.slice(top, top + textRows(state.size)).map((line) => ` ${paint(look, toneOf(line), textOf(line))}`);
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
