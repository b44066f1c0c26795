import { hinted } from '../bound-keys.ts';
import type { Action } from '../events.ts';
import { HEAD_ROWS, isTooSmall, pageRows } from '../layout.ts';
import { columnsHere, listOf } from '../list.ts';
import { placedHints } from '../render-foot.ts';
import { placedTabs } from '../render-head.ts';
import { isText } from '../screens/index.ts';
import { type State, viewOf } from '../state.ts';
import { MARGIN, placeColumns } from '../table.ts';
import type { Report } from './split-mouse.ts';

/** The rows of the picture that can be clicked, beside those of the list. */
const TABS = 2;
const TITLES = HEAD_ROWS - 1;
/** Lines that the wheel moves by. */
const STEP = 3;

/** What the mouse means now. It is safe: what changes jobs, queues or workers is done by keys alone. */
export function actionAt(state: State, { what, column, row }: Report): Action | undefined {
  if (isTooSmall(state.size)) return undefined;
  if (what !== 'click') return wheelAction(state, what === 'wheel-up' ? -1 : 1);
  if (state.focus !== 'list') return undefined;
  if (row === TABS) return tabAt(state, column);
  if (row === state.size.rows - 1) return hintAt(state, column);
  if (isText(state.place)) return undefined;
  return row === TITLES ? sortAt(state, column) : rowAt(state, row - HEAD_ROWS);
}

function wheelAction({ focus }: State, by: 1 | -1): Action | undefined {
  switch (focus) {
    case 'list':
    case 'filter':
      return { type: 'move', by: by * STEP };
    case 'help':
    case 'failures':
      return { type: 'scroll', by: by * STEP };
    case 'palette':
      return { type: 'choose', by };
    case 'question':
      return undefined;
  }
}

const tabAt = (state: State, column: number): Action | undefined => {
  const tab = placedTabs(state).find(({ from, to }) => column >= from && column < to)?.tab;
  return tab && { type: tab.isRoot ? 'show' : 'turn-to', place: tab.place };
};

/** A hint of one key does what the key does, unless that changes something. */
function hintAt(state: State, column: number): Action | undefined {
  const found = placedHints(state, state.size.columns - 2).find(({ from, to }) => column >= from && column < to);
  const [binding, ...others] = found?.bindings ?? [];
  if (!binding || others.length > 0 || binding.action.type === 'act') return undefined;
  return hinted(state).includes(binding) ? binding.action : undefined;
}

/** By the column whose title it is; by the same once more, the other way round. */
function sortAt(state: State, column: number): Action | undefined {
  let from = MARGIN;
  for (const placed of placeColumns(columnsHere(state), state.size.columns)) {
    const { title, value } = placed.column;
    if (column >= from && column < from + placed.width) {
      if (!value) return undefined;
      return viewOf(state).sort.column === title ? { type: 'reverse' } : { type: 'sort', column: title };
    }
    from += placed.width + 1;
  }
  return undefined;
}

/** The row gets the cursor; that has it already is opened. */
function rowAt(state: State, line: number): Action | undefined {
  const { count, selected } = listOf(state);
  const index = viewOf(state).top + line;
  if (line < 0 || line >= pageRows(state) || index >= count) return undefined;
  return index === selected ? { type: 'open' } : { type: 'point', index };
}
