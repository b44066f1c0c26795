import type { Action } from './events.ts';
import { SCREENS } from './screens/index.ts';
import type { State } from './state.ts';

/** Where a key counts. `everywhere` is always searched too. */
export type Scope = State['focus'] | 'everywhere';

export interface Binding {
  scope: Scope;
  /** Names of keys as `splitKeys` gives them; the first one stands for the binding in the hint line. */
  keys: readonly string[];
  /** What it does. Bindings of one label are shown together: `↑↓ move`. */
  label: string;
  action: Action;
  /** Shown in the line of hints. */
  hint?: true;
}

/**
 * Every key: the single home of what it does and what it is called. The handler, the line of hints and the help screen
 * read it. A key that changes jobs or queues is a capital letter; every other key is safe to try.
 */
export const BINDINGS: readonly Binding[] = [
  { scope: 'list', keys: ['up', 'k'], label: 'move', action: { type: 'move', by: -1 }, hint: true },
  { scope: 'list', keys: ['down', 'j'], label: 'move', action: { type: 'move', by: 1 }, hint: true },
  { scope: 'list', keys: ['page-up'], label: 'page', action: { type: 'page', by: -1 } },
  { scope: 'list', keys: ['page-down'], label: 'page', action: { type: 'page', by: 1 } },
  { scope: 'list', keys: ['home', 'g'], label: 'first, last', action: { type: 'jump', to: 'first' } },
  { scope: 'list', keys: ['end', 'G'], label: 'first, last', action: { type: 'jump', to: 'last' } },
  { scope: 'list', keys: ['tab'], label: 'screen', action: { type: 'turn', by: 1 }, hint: true },
  { scope: 'list', keys: ['shift-tab'], label: 'screen', action: { type: 'turn', by: -1 } },
  ...SCREENS.map(({ id }, index): Binding => ({
    scope: 'list',
    keys: [String(index + 1)],
    label: 'screen',
    action: { type: 'show', screen: id },
  })),
  { scope: 'list', keys: ['/'], label: 'filter', action: { type: 'focus', on: 'filter' }, hint: true },
  { scope: 'list', keys: ['escape'], label: 'clear filter', action: { type: 'unfilter' } },
  { scope: 'list', keys: ['o'], label: 'sort', action: { type: 'sort' }, hint: true },
  { scope: 'list', keys: ['O'], label: 'sort', action: { type: 'reverse' } },
  { scope: 'list', keys: ['z'], label: 'freeze', action: { type: 'freeze' }, hint: true },
  { scope: 'list', keys: ['+', '='], label: 'interval', action: { type: 'pace', by: 1 } },
  { scope: 'list', keys: ['-'], label: 'interval', action: { type: 'pace', by: -1 } },
  { scope: 'list', keys: ['r'], label: 'refresh', action: { type: 'refresh' }, hint: true },
  { scope: 'list', keys: ['?'], label: 'help', action: { type: 'focus', on: 'help' }, hint: true },
  { scope: 'list', keys: ['q'], label: 'quit', action: { type: 'quit' }, hint: true },

  { scope: 'filter', keys: ['enter'], label: 'keep', action: { type: 'focus', on: 'list' }, hint: true },
  { scope: 'filter', keys: ['escape'], label: 'clear', action: { type: 'unfilter' }, hint: true },
  { scope: 'filter', keys: ['backspace'], label: 'erase', action: { type: 'erase', what: 'letter' } },
  { scope: 'filter', keys: ['ctrl-u'], label: 'erase all', action: { type: 'erase', what: 'all' } },

  {
    scope: 'help',
    keys: ['escape', '?', 'q', 'enter'],
    label: 'back',
    action: { type: 'focus', on: 'list' },
    hint: true,
  },

  { scope: 'everywhere', keys: ['ctrl-l'], label: 'redraw', action: { type: 'redraw' } },
  { scope: 'everywhere', keys: ['ctrl-z'], label: 'suspend', action: { type: 'suspend' } },
  { scope: 'everywhere', keys: ['ctrl-c'], label: 'interrupt', action: { type: 'interrupt' } },
];

const KEY_LABELS: Record<string, string> = {
  up: '↑',
  down: '↓',
  'page-up': 'PgUp',
  'page-down': 'PgDn',
  home: 'Home',
  end: 'End',
  tab: 'Tab',
  'shift-tab': 'S-Tab',
  enter: 'Enter',
  escape: 'Esc',
  backspace: 'Backspace',
};

/** What a key does now; while text is entered, every printable key is text. */
export function actionFor(focus: State['focus'], key: string): Action | undefined {
  const binding = BINDINGS.find(({ scope, keys }) => (scope === focus || scope === 'everywhere') && keys.includes(key));
  if (binding) return binding.action;
  return focus === 'filter' && isPrintable(key) ? { type: 'typed', text: key } : undefined;
}

/** A key as people know it: `↑`, `Ctrl-L`, `g`. */
export const keyLabel = (key: string): string =>
  KEY_LABELS[key] ?? key.replace(/^ctrl-(.)$/, (_, letter: string) => `Ctrl-${letter.toUpperCase()}`);

/** The bindings of some scopes, in their order, those of one label together. */
export function groupBindings(wanted: (binding: Binding) => boolean): { label: string; bindings: Binding[] }[] {
  const groups = Map.groupBy(BINDINGS.filter(wanted), ({ scope, label }) => `${scope} ${label}`);
  return [...groups.values()].map((bindings) => ({ label: bindings[0]!.label, bindings }));
}

const isPrintable = (key: string): boolean => [...key].length === 1;
