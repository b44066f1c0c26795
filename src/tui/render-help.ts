import { pad } from '../lib/text.ts';
import { fitText } from './line.ts';
import { type Binding, boundIn, groupBindings, keyLabel } from './keys.ts';
import { type Look, paint } from './paint.ts';
import { screenOf } from './screens/index.ts';
import type { State } from './state.ts';

const ENTRY = { keys: 19, label: 41 };
const MARKS = '>  cursor   x  marked   P  paused   S  stopping   !  needs attention';

/** Every key that counts here and what it does, in columns, then what the marks mean; it can be scrolled. */
export function renderHelp(state: State, look: Look, room: number): string[] {
  const lines = helpLines(state, look);
  const top = Math.min(state.scrolled, Math.max(0, lines.length - room));
  return lines.slice(top, top + room);
}

export function helpLines(state: State, look: Look): string[] {
  const { columns } = state.size;
  const behind: State = { ...state, focus: 'list' };
  const entries = groupBindings(boundIn(behind));
  const wide = Math.max(1, Math.floor(columns / (ENTRY.keys + ENTRY.label)));
  const height = Math.ceil(entries.length / wide);
  const width = Math.floor(columns / wide) - ENTRY.keys;
  const rows = Array.from({ length: height }, (_, row) =>
    entries
      .filter((_entry, index) => index % height === row)
      .map(({ about, bindings }) => renderEntry(look, about, bindings, width))
      .join('')
      .trimEnd(),
  );
  const title = `Keys of ${screenOf(state.place).title.toLowerCase()}${state.readOnly ? ', read-only' : ''}`;
  return [` ${paint(look, 'strong', title)}`, ...rows, '', ` ${fitText(MARKS, columns - 1)}`];
}

function renderEntry(look: Look, about: string, bindings: readonly Binding[], width: number): string {
  const keys = bindings.flatMap((binding) => binding.keys).map(keyLabel);
  const text = pad(fitText(keys.join(' '), ENTRY.keys - 2), ENTRY.keys - 1);
  return ` ${paint(look, 'strong', text)}${pad(fitText(about, width - 1), width)}`;
}
