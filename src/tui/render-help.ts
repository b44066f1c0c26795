import { pad } from '../lib/text.ts';
import { fitText } from './line.ts';
import { boundIn, groupBindings, keyLabel } from './bound-keys.ts';
import type { Binding } from './keys.ts';
import { type Look, paint } from './paint.ts';
import { screenOf } from './screens/index.ts';
import type { State } from './state.ts';
import { wrap } from './wrap.ts';

/** The columns of the keys, and of what they do where there is room for two side by side. */
const KEYS = 19;
const BESIDE = 56;
const MARKS = '>  cursor   x  marked   P  paused   S  stopping   !  needs attention';

/** Every key that counts here and what it does, in columns, then what the marks mean; it can be scrolled. */
export function renderHelp(state: State, look: Look, room: number): string[] {
  const lines = helpLines(state, look);
  const top = Math.min(state.scrolled, Math.max(0, lines.length - room));
  return lines.slice(top, top + room);
}

function helpLines(state: State, look: Look): string[] {
  const { columns } = state.size;
  const behind: State = { ...state, focus: 'list' };
  const wide = columns >= 2 * (KEYS + BESIDE) ? 2 : 1;
  const width = Math.floor(columns / wide) - KEYS - 2;
  const entries = groupBindings(boundIn(behind)).flatMap(({ about, bindings }) =>
    renderEntry(look, about, bindings, width),
  );
  const height = Math.ceil(entries.length / wide);
  const rows = Array.from({ length: height }, (_, row) =>
    entries
      .filter((_entry, index) => index % height === row)
      .join('')
      .trimEnd(),
  );
  const title = `Keys of ${screenOf(state.place).title.toLowerCase()}${state.readOnly ? ', read-only' : ''}`;
  return [` ${paint(look, 'strong', title)}`, ...rows, '', ` ${fitText(MARKS, columns - 1)}`];
}

/** The keys, and what they do in as many lines as that takes. */
function renderEntry(look: Look, about: string, bindings: readonly Binding[], width: number): string[] {
  const keys = bindings.flatMap((binding) => binding.keys).map(keyLabel);
  return wrap(about, width).map((line, index) => {
    const name = pad(index === 0 ? keys.join(' ') : '', KEYS - 1);
    return ` ${paint(look, 'strong', name)}${pad(line.trimStart(), width + 2)}`;
  });
}
