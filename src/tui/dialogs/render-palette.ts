import { pad } from '../../lib/text.ts';
import type { Cell } from '../cells.ts';
import type { Look } from '../paint.ts';
import { paletteItems } from '../palette.ts';
import type { State } from '../state.ts';
import { overlay } from './box.ts';

const TALLEST = 14;
const KEYS = 12;

/** What was typed, and what it may mean, with its keys. */
export function renderPalette(state: State, look: Look, behind: readonly string[], room: number): string[] {
  const { palette, size } = state;
  const items = paletteItems(state);
  const height = Math.max(1, Math.min(TALLEST, room - 4));
  const top = Math.max(0, Math.min(palette.index - Math.floor(height / 2), items.length - height));
  const lines = items.slice(top, top + height).map(({ label, keys }, row): Cell => {
    const chosen = top + row === palette.index;
    // The box keeps no space at the beginning of a line.
    const text = `${chosen ? '>' : '·'} ${pad(keys, KEYS)} ${label}`;
    return chosen ? { text, tone: 'strong' } : text;
  });
  const list = lines.length > 0 ? lines : [{ text: 'Nothing is called that', tone: 'faint' } as const];
  return overlay(
    look,
    behind,
    { columns: size.columns, room },
    {
      title: 'Commands, queues, jobs',
      lines: [{ text: `: ${palette.text}_`, tone: 'accent' }, ...list],
      foot: 'Enter: do it   Esc: back',
    },
  );
}
