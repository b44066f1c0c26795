import type { Key } from 'ink';

// The flags of Ink's parser, by our names of the keys.
const FLAGS = {
  upArrow: 'up',
  downArrow: 'down',
  leftArrow: 'left',
  rightArrow: 'right',
  pageUp: 'page-up',
  pageDown: 'page-down',
  home: 'home',
  end: 'end',
  return: 'enter',
  escape: 'escape',
  backspace: 'backspace',
  delete: 'delete',
} as const satisfies Partial<Record<keyof Key, string>>;

/**
 * The keys of one call of Ink's `useInput`, which may carry several: quick typing and slow lines deliver `jjj` or
 * `/foo⏎` at once. A key is a named one (`up`, `enter`, `shift-tab`, `ctrl-c`) or the character itself.
 */
export function splitKeys(input: string, key: Key): string[] {
  const named = (Object.keys(FLAGS) as (keyof typeof FLAGS)[]).find((flag) => key[flag]);
  if (named) return [FLAGS[named]];
  if (key.tab) return [key.shift ? 'shift-tab' : 'tab'];
  if (key.ctrl) return input === '' ? [] : [`ctrl-${input}`];
  const keys = [...input].map(nameOf);
  // Escape and a letter in one chunk look like Alt and the letter, which nothing here is bound to.
  return key.meta ? ['escape', ...keys] : keys;
}

function nameOf(character: string): string {
  if (character === '\r' || character === '\n') return 'enter';
  if (character === '\t') return 'tab';
  const code = character.codePointAt(0)!;
  return code < 0x1b ? `ctrl-${String.fromCharCode(code + 0x60)}` : character;
}
