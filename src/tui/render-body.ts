import { renderLine } from './line.ts';
import { pageRows } from './layout.ts';
import { listOf } from './list.ts';
import { type Look, paint } from './paint.ts';
import { renderHelp } from './render-help.ts';
import { listed, type State, viewOf } from './state.ts';
import { placeColumns, renderRow, renderTitles } from './table.ts';

/** What stands between head and foot: the help screen, or the list with its titles, of which only the visible rows are made. */
export function renderBody(state: State, look: Look, room: number): string[] {
  if (state.focus === 'help') return renderHelp(look, state.size.columns, room);
  return listed(state) ? renderList(state, look) : renderWaiting(state, look);
}

function renderList(state: State, look: Look): string[] {
  const lost = state.connection.is === 'lost';
  const plain = lost ? { ...look, color: false } : look;
  const { screen, rows, total, selected } = listOf(state);
  const view = viewOf(state);
  const placed = placeColumns(screen.columns, state.size.columns);
  const at = listed(state)!.at.getTime();
  const lines = [
    renderTitles(plain, placed, view.sort),
    ...rows
      .slice(view.top, view.top + pageRows(state.size))
      .map((row, index) =>
        renderRow(plain, placed, { row, at, flag: screen.flag(row), selected: view.top + index === selected }),
      ),
    ...(rows.length > 0 ? [] : renderEmpty(state, look, total)),
  ];
  return lost ? lines.map((line) => paint(look, 'faint', line)) : lines;
}

function renderEmpty(state: State, look: Look, total: number): string[] {
  const text = total > 0 ? `Nothing matches "${viewOf(state).filter}". Esc clears.` : listOf(state).screen.empty;
  return ['', renderMessage(state, look, text)];
}

function renderWaiting(state: State, look: Look): string[] {
  const text = state.connection.is === 'lost' ? 'No data yet: Redis does not answer.' : 'Connecting…';
  return ['', '', renderMessage(state, look, text)];
}

// In line with the rows that would stand here.
const renderMessage = ({ size }: State, look: Look, text: string): string =>
  `  ${renderLine(look, size.columns - 2, { left: [text] })}`;
