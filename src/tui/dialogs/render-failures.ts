import type { Cell } from '../cells.ts';
import { renderLine } from '../line.ts';
import type { Look } from '../paint.ts';
import type { State } from '../state.ts';

/** Why something could not be done, the last first. */
export function renderFailures({ failures, scrolled, size }: State, look: Look, room: number): string[] {
  const draw = (left: Cell[]) => renderLine(look, size.columns, { left });
  if (failures.length === 0) return ['', draw(['Nothing has failed.'])];
  const top = Math.min(scrolled, Math.max(0, failures.length - room + 1));
  return [
    draw([{ text: 'What could not be done, the last first', tone: 'strong' }]),
    ...failures
      .slice(top, top + room - 1)
      .map(({ name, reason }) => draw([...(name === '' ? [] : [{ text: name, tone: 'strong' } as const]), reason])),
  ];
}
