import type { Action } from './events.ts';
import { boundIn, groupBindings, keyLabel } from './bound-keys.ts';
import { listed, type State } from './state.ts';

export interface PaletteItem {
  label: string;
  /** The key that does the same. */
  keys: string;
  action: Action;
}

/** What the palette offers for what was typed: commands of the screen, queues, and a job by its id. */
export function paletteItems(state: State): PaletteItem[] {
  const behind: State = { ...state, focus: 'list' };
  const commands = boundIn(behind)
    .filter(({ action }) => action.type !== 'focus' || action.on !== 'palette')
    .map((binding): PaletteItem => ({
      label: labelOf(binding.action, groupBindings([binding])[0]!.label),
      keys: binding.keys.map(keyLabel).join(' '),
      action: binding.action,
    }));
  const queues = (listed(state)?.queues ?? []).map(({ name }): PaletteItem => ({
    label: `queue ${name}`,
    keys: '',
    action: { type: 'go', place: { screen: 'jobs', queue: name, state: 'waiting' } },
  }));
  const wanted = state.palette.text.trim();
  const id = wanted.replace(/^job\s+/, '');
  const job: PaletteItem[] =
    id === '' || /\s/.test(id)
      ? []
      : [
          {
            label: `job ${id}`,
            keys: '',
            action: { type: 'go', place: { screen: 'job', queue: '', id, tab: 'overview' } },
          },
        ];
  const found = [...commands, ...queues].filter(({ label }) => fits(label, wanted));
  // What contains the words stands before what only has their letters.
  const part = wanted.toLowerCase();
  const [near, far] = [found.filter((each) => isNear(each, part)), found.filter((each) => !isNear(each, part))];
  return /^job\s/.test(wanted) ? job : [...near, ...far, ...job];
}

const isNear = ({ label }: PaletteItem, part: string): boolean => label.toLowerCase().includes(part);

/** Labels that several keys share say which one this is. */
function labelOf(action: Action, label: string): string {
  switch (action.type) {
    case 'move':
    case 'page':
    case 'scroll':
      return `${label} ${action.by > 0 ? 'down' : 'up'}`;
    case 'turn':
      return action.by > 0 ? 'next tab' : 'tab before';
    case 'jump':
      return action.to === 'first' ? 'go to the top' : 'go to the end';
    case 'show':
      return `show ${action.place.screen === 'groups' ? 'dead letters' : action.place.screen}`;
    case 'seek':
      return action.by > 0 ? 'next row in trouble' : 'row in trouble before';
    case 'reverse':
      return 'sort the other way round';
    case 'pace':
      return action.by > 0 ? 'look less often' : 'look more often';
    default:
      return label;
  }
}

/** The letters of what was typed stand in the label, in their order. */
function fits(label: string, wanted: string): boolean {
  let at = 0;
  const text = label.toLowerCase();
  for (const letter of wanted.toLowerCase().replaceAll(' ', '')) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
