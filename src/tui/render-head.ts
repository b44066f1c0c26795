import { renderSize } from '../lib/size.ts';
import { age, amount, type Cell, span } from './cells.ts';
import { clockTime } from './clock-time.ts';
import { renderLine, type Span, spansOf, widthOf } from './line.ts';
import { type Look, paint } from './paint.ts';
import { ROOTS } from './places.ts';
import { SCREENS, screenOf } from './screens/index.ts';
import type { Tab } from './screens/screen.ts';
import { listed, pageOf, type State } from './state.ts';
import { WIDE } from './table.ts';

const GAP = '  ';

/** The lines above the list: name and connection, summary, tabs, rule. */
export function renderHead(state: State, look: Look): string[] {
  const { columns } = state.size;
  const snapshot = listed(state);
  return [
    renderLine(look, columns, {
      left: aboutRedis(state),
      right: [...aboutRights(state), ...aboutConnection(state), clock(state)],
    }),
    renderLine(look, columns, {
      left: snapshot ? screenOf(state.place).summary({ snapshot, page: pageOf(state) }, state.place) : [],
      gap: columns >= WIDE ? '   ' : '  ',
    }),
    renderLine(look, columns, { left: tabs(state).map(({ cell }) => cell) }),
    paint(look, 'faint', '─'.repeat(columns)),
  ];
}

function aboutRedis({ label, snapshot, size }: State): Cell[] {
  const name: Cell[] = [{ text: 'jq top', tone: 'strong' }, label];
  if (!snapshot || size.columns < WIDE) return name;
  const { version, usedMemoryBytes, maxMemoryBytes, roundTripMs } = snapshot.redis;
  const limit = maxMemoryBytes > 0 ? `/${renderSize(maxMemoryBytes)}` : '';
  return [...name, `v${version}`, `mem ${renderSize(usedMemoryBytes)}${limit}`, `lag ${span(roundTripMs)}`];
}

function aboutConnection({ connection, frozen, now }: State): Cell[] {
  const still: Cell[] = frozen ? [{ text: `frozen ${clockTime(frozen.at.getTime())}`, tone: 'warning' }] : [];
  switch (connection.is) {
    case 'connecting':
      return [{ text: '○ connecting', tone: 'warning' }];
    case 'live':
      return [...still, { text: `● live ${pace(connection.everyMs)}`, tone: 'good' }];
    case 'lost':
      return [...still, { text: `○ LOST ${age(now - connection.since)}`, tone: 'alarm' }];
  }
}

const aboutRights = ({ readOnly }: State): Cell[] => (readOnly ? [{ text: 'read-only', tone: 'warning' }] : []);

/** With their full names where all of them fit, else with short ones; of those that do not fit either, the current one and those beside it. */
function tabs(state: State): { cell: Cell; tab: PlacedTab['tab'] }[] {
  const { place, size } = state;
  const snapshot = listed(state);
  const own = snapshot && screenOf(place).tabs?.({ snapshot, page: pageOf(state) }, place);
  const all = own?.map((tab) => ({ ...tab, isRoot: false })) ?? rootTabs(state);
  const width = size.columns - 2;
  const isRoomy =
    widthOf(
      all.map(({ title }) => `[${title}]`),
      GAP,
    ) <= width;
  const drawn = all.map((tab) => {
    const text = isRoomy ? tab.title : tab.short;
    return { tab, cell: tab.current ? ({ text: `[${text}]`, tone: 'strong' } as const) : text };
  });
  const tooWide = () =>
    widthOf(
      drawn.map(({ cell }) => cell),
      GAP,
    ) > width;
  let current = all.findIndex((tab) => tab.current);
  while (drawn.length > 1 && tooWide()) {
    if (current > drawn.length / 2) current -= drawn.splice(0, 1).length;
    else drawn.pop();
  }
  return drawn;
}

/** A tab, and the columns of the screen that it takes. */
export interface PlacedTab extends Span {
  tab: Tab & { isRoot: boolean };
}

export function placedTabs(state: State): PlacedTab[] {
  const drawn = tabs(state);
  const spans = spansOf(
    drawn.map(({ cell }) => cell),
    GAP,
  );
  return drawn.map(({ tab }, index) => ({ tab, ...spans[index]! }));
}

function rootTabs(state: State): PlacedTab['tab'][] {
  return ROOTS.map((place, index) => {
    const { screen } = place;
    const { title, short = title, badge } = SCREENS[screen];
    const number = state.snapshot ? badge(state.snapshot) : 0;
    const named = (name: string): string => [index + 1, name, ...(number > 0 ? [amount(number, 6)] : [])].join(' ');
    return { title: named(title), short: named(short), current: isWithin(state, screen), place, isRoot: true };
  });
}

/** The screen itself, or one that was opened from it. */
const isWithin = ({ place, trail }: State, screen: string): boolean => (trail.at(-1) ?? place).screen === screen;

/** `250ms`, `1s`, `1.2s`. */
const pace = (ms: number): string => (ms < 1000 ? `${Math.round(ms)}ms` : `${Math.round(ms / 100) / 10}s`);

function clock({ now, size }: State): string {
  if (size.columns < WIDE) return clockTime(now);
  const date = new Date(now);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
  return `${day} ${clockTime(now)}`;
}
