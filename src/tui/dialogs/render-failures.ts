import { cleanLine } from '../../lib/text.ts';
import type { Cell } from '../cells.ts';
import { renderLine } from '../line.ts';
import type { Look } from '../paint.ts';
import type { State } from '../state.ts';
import { wrap } from '../wrap.ts';

/** Why something could not be done, the last first, in full. */
export function renderFailures({ failures, scrolled, size }: State, look: Look, room: number): string[] {
  const draw = (left: Cell[]) => renderLine(look, size.columns, { left });
  if (failures.length === 0) return ['', draw(['Nothing has failed.'])];
  const lines = failures.flatMap(({ name, reason }) =>
    wrap([name, reason].filter(Boolean).map(cleanLine).join('  '), size.columns - 2),
  );
  const top = Math.min(scrolled, Math.max(0, lines.length - room + 1));
  return [
    draw([{ text: 'What could not be done, the last first', tone: 'strong' }]),
    ...lines.slice(top, top + room - 1).map((line) => ` ${line}`),
  ];
}
