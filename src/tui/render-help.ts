import { pad, truncate } from '../lib/text.ts';
import { type Binding, groupBindings, keyLabel } from './keys.ts';
import { type Look, paint } from './paint.ts';

const ENTRY = { keys: 17, label: 13 };
const MARKS = ' >  cursor   P  paused   S  stopping   !  needs attention';

/** Every key of the lists and what it does, side by side, then what the marks mean. */
export function renderHelp(look: Look, width: number, room: number): string[] {
  const entries = groupBindings(({ scope }) => scope === 'list' || scope === 'everywhere');
  const height = Math.ceil(entries.length / Math.min(3, Math.floor(width / (ENTRY.keys + ENTRY.label))));
  const rows = Array.from({ length: height }, (_, row) =>
    entries
      .filter((_entry, index) => index % height === row)
      .map(({ label, bindings }) => renderEntry(look, label, bindings))
      .join('')
      .trimEnd(),
  );
  const air = room >= height + 3 ? [''] : [];
  return [...air, ...rows, ...air, truncate(MARKS, width)];
}

function renderEntry(look: Look, label: string, bindings: readonly Binding[]): string {
  const keys = bindings.flatMap((binding) => binding.keys).map(keyLabel);
  return ` ${paint(look, 'strong', pad(keys.join(' '), ENTRY.keys - 1))}${pad(label, ENTRY.label)}`;
}
