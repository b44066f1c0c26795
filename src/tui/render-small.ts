import { LEAST } from './layout.ts';
import { fitText } from './line.ts';
import { totals } from './screens/queues.ts';
import { textOf } from './cells.ts';
import type { State } from './state.ts';

/** What a terminal shows that is too small for the screens: why, and the totals. */
export function renderSmall({ size, snapshot, connection }: State, width: number): string[] {
  const numbers = snapshot ? totals(snapshot).map(textOf) : [];
  const lines = [
    `jq top needs ${LEAST.columns}x${LEAST.rows}, has ${size.columns}x${size.rows}`,
    ...(connection.is === 'lost' ? ['○ LOST'] : []),
    numbers.slice(0, 2).join(', '),
    numbers.slice(2, 4).join(', '),
    numbers.slice(4, 6).join(', '),
    'q quit',
  ];
  // At the least sizes the way out matters most.
  const kept = lines.length > size.rows ? lines.slice(-size.rows) : lines;
  return kept.map((line) => (width < 2 ? '' : ` ${fitText(line, width - 1)}`));
}
