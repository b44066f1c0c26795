import { ACTION_IDS, actionOf } from './actions/index.ts';
import type { Action } from './events.ts';
import { ROOTS, type ScreenId } from './places.ts';
import { SCREENS } from './screens/index.ts';
import type { Focus } from './state.ts';

/** Where a key counts. `everywhere` is always searched too. */
export type Scope = Focus | 'everywhere';

export interface Binding {
  scope: Scope;
  /** Names of keys as `splitKeys` gives them; the first one stands for the binding in the hint line. */
  keys: readonly string[];
  /** What it does. Bindings of one label are shown together: `↑↓ move`. */
  label: string;
  /** The same in a sentence, where the label does not say all. */
  about?: string;
  action: Action;
  /** Shown in the line of hints. */
  hint?: true;
  /** But not on these screens. */
  unhinted?: readonly ScreenId[];
  /** The screens that it counts on; without them, all. */
  on?: readonly ScreenId[];
}

const IDS = Object.keys(SCREENS) as ScreenId[];
const [LISTS, TEXTS] = [IDS.filter((id) => !SCREENS[id].isText), IDS.filter((id) => SCREENS[id].isText)];
const MARKABLE: readonly ScreenId[] = ['queues', 'jobs', 'groups', 'letters', 'workers', 'schedules'];
const FOUND: readonly ScreenId[] = ['jobs', 'groups', 'letters'];
const FLAGGED: readonly ScreenId[] = ['queues', 'jobs', 'workers', 'events', 'flow'];
const JOB: readonly ScreenId[] = ['job'];

const actions: readonly Binding[] = ACTION_IDS.map((id) => {
  const { key, verb, about, on, unhinted } = actionOf(id);
  const action = { type: 'act', action: id } as const;
  return { scope: 'list', keys: [key], label: verb, about, action, hint: true, on, ...(unhinted ? { unhinted } : {}) };
});

/**
 * Every key: the single home of what it does and what it is called. The handler, the line of hints, the help screen, the
 * palette and the manual read it. A key that changes jobs, queues, schedules or workers is a capital letter; every other key is safe.
 */
export const BINDINGS: readonly Binding[] = [
  { scope: 'list', keys: ['up', 'k'], label: 'move', action: { type: 'move', by: -1 }, hint: true },
  { scope: 'list', keys: ['down', 'j'], label: 'move', action: { type: 'move', by: 1 }, hint: true },
  {
    scope: 'list',
    keys: ['enter', 'right'],
    label: 'open',
    action: { type: 'open' },
    hint: true,
    on: LISTS.filter((id) => SCREENS[id].opens),
  },
  {
    scope: 'list',
    keys: ['escape', 'left'],
    label: 'back',
    about: 'clear the filter, then the marks, then go back',
    action: { type: 'back' },
  },
  ...actions,
  {
    scope: 'list',
    keys: ['tab'],
    label: 'next',
    about: 'the next screen; of jobs the next state, of a job its next page',
    action: { type: 'turn', by: 1 },
    hint: true,
  },
  { scope: 'list', keys: ['shift-tab'], label: 'next', action: { type: 'turn', by: -1 } },
  ...ROOTS.map((place, index): Binding => ({
    scope: 'list',
    keys: [String(index + 1)],
    label: 'screen',
    about: ROOTS.map(({ screen }) => SCREENS[screen].title.toLowerCase()).join(', '),
    action: { type: 'show', place },
  })),
  {
    scope: 'list',
    keys: ['/'],
    label: 'filter',
    about: 'narrow the list, of queues also by has:dead or is:paused; of jobs, in the filter language: jq help filters',
    action: { type: 'focus', on: 'filter' },
    hint: true,
    on: LISTS,
  },
  {
    scope: 'list',
    keys: [' '],
    label: 'mark',
    about: 'mark the row, or take its mark away',
    action: { type: 'mark' },
    hint: true,
    on: MARKABLE,
  },
  {
    scope: 'list',
    keys: ['v'],
    label: 'mark range',
    about: 'mark all rows from the one that was marked last to this one',
    action: { type: 'mark-range' },
    on: MARKABLE,
  },
  {
    scope: 'list',
    keys: ['a'],
    label: 'mark all',
    about: 'mark everything that the filter fits, also what is not on screen',
    action: { type: 'mark-all' },
    on: MARKABLE,
  },
  {
    scope: 'list',
    keys: ['u'],
    label: 'unmark',
    about: 'take the marks away',
    action: { type: 'unmark' },
    on: MARKABLE,
  },
  {
    scope: 'list',
    keys: ['w'],
    label: 'look wider',
    about: 'look at all there are, however long that takes',
    action: { type: 'widen' },
    on: FOUND,
  },
  {
    scope: 'list',
    keys: ['t'],
    label: 'times',
    about: 'show how long jobs run, or how long they wait, in the columns of p50 and p95',
    action: { type: 'timing' },
    on: ['queues', 'types'],
  },
  {
    scope: 'list',
    keys: ['b'],
    label: 'bars',
    about: 'show the states of the jobs of each queue as a bar, or figures',
    action: { type: 'bars' },
    on: ['queues'],
  },
  {
    scope: 'list',
    keys: ['l'],
    label: 'letters',
    about: 'the dead letters of the queue, or all of them, one by one',
    action: { type: 'beside', what: 'letters' },
    hint: true,
    on: ['queues', 'groups'],
  },
  {
    scope: 'list',
    keys: ['e'],
    label: 'events',
    about: 'what happens in the queue',
    action: { type: 'beside', what: 'events' },
    on: ['queues', 'jobs'],
  },
  {
    scope: 'list',
    keys: ['h'],
    label: 'types',
    about: 'the last hour by type: how much ran, for how long; of the queue, or of all',
    action: { type: 'beside', what: 'types' },
    on: LISTS.filter((id) => id !== 'types'),
  },
  {
    scope: 'list',
    keys: ['c'],
    label: 'connections',
    about: 'by which connections programs wait for jobs and events, those of other BullMQ programs too',
    action: { type: 'go', place: { screen: 'connections' } },
    hint: true,
    on: ['workers'],
  },
  {
    scope: 'list',
    keys: ['s'],
    label: 'schedules',
    about: 'what other programs have scheduled with BullMQ, and when it is due',
    action: { type: 'go', place: { screen: 'schedules' } },
    on: LISTS,
  },
  {
    scope: 'list',
    keys: ['i'],
    label: 'redis',
    about: 'how Redis is doing: memory, clients, commands',
    action: { type: 'go', place: { screen: 'redis' } },
    on: LISTS,
  },
  {
    scope: 'list',
    keys: ['o'],
    label: 'sort',
    about: 'sort by the next column; the other way round',
    action: { type: 'sort' },
    hint: true,
    on: LISTS,
  },
  { scope: 'list', keys: ['O'], label: 'sort', action: { type: 'reverse' }, on: LISTS },
  {
    scope: 'list',
    keys: ['n'],
    label: 'trouble',
    about: 'go to the next row that needs attention, such as a failure among the events; to the one before',
    action: { type: 'seek', by: 1 },
    on: FLAGGED,
  },
  { scope: 'list', keys: ['p'], label: 'trouble', action: { type: 'seek', by: -1 }, on: FLAGGED },
  {
    scope: 'list',
    keys: ['m'],
    label: 'unmask',
    about: 'show values that are secret by their name',
    action: { type: 'unmask' },
    hint: true,
    on: JOB,
  },
  {
    scope: 'list',
    keys: ['f'],
    label: 'unfold',
    about: 'show the stack frames of packages',
    action: { type: 'unfold' },
    hint: true,
    on: JOB,
  },
  {
    scope: 'list',
    keys: ['v'],
    label: 'pager',
    about: 'show this page in $PAGER',
    action: { type: 'view' },
    on: TEXTS,
  },
  {
    scope: 'list',
    keys: ['c'],
    label: 'copy page',
    about: 'copy what this page says, such as the payload',
    action: { type: 'copy-text' },
    on: TEXTS,
  },
  {
    scope: 'list',
    keys: ['y'],
    label: 'copy',
    about: 'copy the id or the name',
    action: { type: 'copy' },
    on: [...LISTS, 'job'],
  },
  {
    scope: 'list',
    keys: ['page-up'],
    label: 'page',
    about: 'a page up, a page down',
    action: { type: 'page', by: -1 },
  },
  { scope: 'list', keys: ['page-down'], label: 'page', action: { type: 'page', by: 1 } },
  {
    scope: 'list',
    keys: ['home', 'g'],
    label: 'top, end',
    about: 'to the top, to the end; the end of a log is followed',
    action: { type: 'jump', to: 'first' },
  },
  { scope: 'list', keys: ['end', 'G'], label: 'top, end', action: { type: 'jump', to: 'last' } },
  { scope: 'list', keys: ['x'], label: 'stop', about: 'stop what runs in the background', action: { type: 'stop' } },
  {
    scope: 'list',
    keys: ['!'],
    label: 'failures',
    about: 'why something could not be done',
    action: { type: 'focus', on: 'failures' },
  },
  { scope: 'list', keys: ['z'], label: 'freeze', about: 'let the lists stand still', action: { type: 'freeze' } },
  {
    scope: 'list',
    keys: ['+', '='],
    label: 'interval',
    about: 'look less often; more often',
    action: { type: 'pace', by: 1 },
  },
  { scope: 'list', keys: ['-'], label: 'interval', action: { type: 'pace', by: -1 } },
  { scope: 'list', keys: ['r'], label: 'refresh', about: 'look now', action: { type: 'refresh' } },
  {
    scope: 'list',
    keys: [':', 'ctrl-p'],
    label: 'commands',
    about: 'find a command, a queue or a job by name',
    action: { type: 'focus', on: 'palette' },
    hint: true,
  },
  {
    scope: 'list',
    keys: ['?'],
    label: 'help',
    about: 'the keys that count here',
    action: { type: 'focus', on: 'help' },
    hint: true,
  },
  { scope: 'list', keys: ['q'], label: 'quit', action: { type: 'quit' }, hint: true },

  { scope: 'filter', keys: ['enter'], label: 'keep', action: { type: 'enter' }, hint: true },
  { scope: 'filter', keys: ['escape'], label: 'clear', action: { type: 'leave' }, hint: true },
  { scope: 'filter', keys: ['backspace'], label: 'erase', action: { type: 'erase', what: 'letter' } },
  { scope: 'filter', keys: ['ctrl-w'], label: 'erase word', action: { type: 'erase', what: 'word' } },
  { scope: 'filter', keys: ['ctrl-u'], label: 'erase all', action: { type: 'erase', what: 'all' } },

  { scope: 'palette', keys: ['up'], label: 'choose', action: { type: 'choose', by: -1 }, hint: true },
  { scope: 'palette', keys: ['down', 'tab'], label: 'choose', action: { type: 'choose', by: 1 }, hint: true },
  { scope: 'palette', keys: ['enter'], label: 'do it', action: { type: 'enter' }, hint: true },
  { scope: 'palette', keys: ['escape'], label: 'back', action: { type: 'leave' }, hint: true },
  { scope: 'palette', keys: ['backspace'], label: 'erase', action: { type: 'erase', what: 'letter' } },
  { scope: 'palette', keys: ['ctrl-w'], label: 'erase word', action: { type: 'erase', what: 'word' } },
  { scope: 'palette', keys: ['ctrl-u'], label: 'erase all', action: { type: 'erase', what: 'all' } },

  { scope: 'question', keys: ['enter'], label: 'answer', action: { type: 'enter' } },
  { scope: 'question', keys: ['escape'], label: 'no', action: { type: 'leave' }, hint: true },
  { scope: 'question', keys: ['backspace'], label: 'erase', action: { type: 'erase', what: 'letter' } },
  { scope: 'question', keys: ['ctrl-w'], label: 'erase word', action: { type: 'erase', what: 'word' } },
  { scope: 'question', keys: ['ctrl-u'], label: 'erase all', action: { type: 'erase', what: 'all' } },

  ...(['help', 'failures'] as const).flatMap((scope): Binding[] => [
    { scope, keys: ['up', 'k'], label: 'scroll', action: { type: 'scroll', by: -1 }, hint: true },
    { scope, keys: ['down', 'j'], label: 'scroll', action: { type: 'scroll', by: 1 }, hint: true },
    {
      scope,
      keys: ['escape', 'q', 'enter', '?', '!'],
      label: 'back',
      action: { type: 'focus', on: 'list' },
      hint: true,
    },
  ]),

  {
    scope: 'everywhere',
    keys: ['ctrl-o'],
    label: 'mouse',
    about: 'let the mouse move, sort and open here, or leave it to the terminal',
    action: { type: 'mouse' },
  },
  { scope: 'everywhere', keys: ['ctrl-l'], label: 'redraw', about: 'draw the screen anew', action: { type: 'redraw' } },
  {
    scope: 'everywhere',
    keys: ['ctrl-z'],
    label: 'suspend',
    about: 'back to the shell; fg comes back',
    action: { type: 'suspend' },
  },
  {
    scope: 'everywhere',
    keys: ['ctrl-c'],
    label: 'interrupt',
    about: 'leave, as q does, with exit code 130',
    action: { type: 'interrupt' },
  },
];
