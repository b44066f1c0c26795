import { chosenFor } from './actions/selection.ts';
import type { Action } from './events.ts';
import { type Binding, BINDINGS } from './keys.ts';
import type { Focus, State } from './state.ts';

const KEY_LABELS: Record<string, string> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  ' ': 'Space',
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

/** Where every printable key is text. */
const TEXT_ENTRY: readonly Focus[] = ['filter', 'palette', 'question'];

/** What a key does now. */
export function actionFor(state: State, key: string): Action | undefined {
  const binding = boundIn(state).find(({ keys }) => keys.includes(key));
  if (binding) return binding.action;
  return TEXT_ENTRY.includes(state.focus) && isPrintable(key) ? { type: 'typed', text: key } : undefined;
}

/** The keys that count now. */
export function boundIn({ focus, place, readOnly }: State): Binding[] {
  return BINDINGS.filter(
    ({ scope, on, action }) =>
      (scope === focus || scope === 'everywhere') &&
      (on === undefined || on.includes(place.screen)) &&
      !(readOnly && changes(action)),
  );
}

/** Whether an action, or what leads to one, is nothing for those who only look. */
const changes = ({ type }: Action): boolean =>
  ['act', 'mark', 'mark-range', 'mark-all', 'unmark', 'stop'].includes(type);

/** The keys of the line of hints: actions only where there is something to do. */
export const hinted = (state: State): Binding[] =>
  boundIn(state).filter(
    ({ hint, unhinted, action }) =>
      hint &&
      !unhinted?.includes(state.place.screen) &&
      (action.type !== 'act' || chosenFor(state, action.action).are !== 'nothing'),
  );

/** A key as people know it: `↑`, `Ctrl-L`, `g`. */
export const keyLabel = (key: string): string =>
  KEY_LABELS[key] ?? key.replace(/^ctrl-(.)$/, (_, letter: string) => `Ctrl-${letter.toUpperCase()}`);

/** Bindings in their order, those of one label together. */
export function groupBindings(bindings: readonly Binding[]): { label: string; about: string; bindings: Binding[] }[] {
  const groups = Map.groupBy(bindings, ({ scope, label }) => `${scope} ${label}`);
  return [...groups.values()].map((group) => ({
    label: group[0]!.label,
    about: group.find(({ about }) => about !== undefined)?.about ?? group[0]!.label,
    bindings: group,
  }));
}

const isPrintable = (key: string): boolean => [...key].length === 1;
