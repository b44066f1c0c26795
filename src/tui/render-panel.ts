import { renderBox } from './dialogs/box.ts';
import { panelRows } from './layout.ts';
import { rowAtCursor } from './list.ts';
import type { Look } from './paint.ts';
import { screenOf } from './screens/index.ts';
import { listed, pageOf, type State } from './state.ts';

// With a space each.
const BOX_EDGES = 4;

/** Boxes side by side under a list, about the row under the cursor, where there is room for them. */
export function renderPanel(state: State, look: Look): string[] {
  const height = panelRows(state);
  const { panel } = screenOf(state.place);
  if (height === 0 || !panel) return [];
  const row = rowAtCursor(state);
  const data = { snapshot: listed(state)!, page: pageOf(state) };
  const width = Math.floor(state.size.columns / 2);
  const boxes = row === undefined ? [] : panel(row, data, width - BOX_EDGES);
  const drawn = boxes.map(({ title, lines }) => {
    const filled = Array.from({ length: height - 2 }, (_, line) => lines[line] ?? '');
    return renderBox(look, width, { title, lines: filled });
  });
  return Array.from({ length: height }, (_, line) => drawn.map((box) => box[line]).join(''));
}
