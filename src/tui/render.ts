import { isTooSmall } from './layout.ts';
import { asciiRow, type Look } from './paint.ts';
import { renderHead } from './render-head.ts';
import { renderBody } from './render-body.ts';
import { renderFoot } from './render-foot.ts';
import { renderSmall } from './render-small.ts';
import type { State } from './state.ts';

/** The whole picture: exactly as many rows as the terminal has, none wider than it. Pure. */
export function render(state: State, look: Look): string[] {
  const { columns, rows } = state.size;
  const lines = isTooSmall(state.size) ? renderSmall(state, columns) : fullScreen(state, look);
  const picture = Array.from({ length: rows }, (_, row) => lines[row] ?? '');
  return look.ascii ? picture.map(asciiRow) : picture;
}

function fullScreen(state: State, look: Look): string[] {
  const head = renderHead(state, look);
  const foot = renderFoot(state, look);
  const room = state.size.rows - head.length - foot.length;
  const body = renderBody(state, look, room);
  return [...head, ...Array.from({ length: room }, (_, row) => body[row] ?? ''), ...foot];
}
