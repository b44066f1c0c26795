import { renderSize } from '../lib/size.ts';
import { age, amount, type Cell, span } from './cells.ts';
import { renderLine } from './line.ts';
import { type Look, paint } from './paint.ts';
import { SCREENS, screenOf } from './screens/index.ts';
import { listed, type State } from './state.ts';
import { WIDE } from './table.ts';

/** The lines above the list: name and connection, summary, tabs, rule. */
export function renderHead(state: State, look: Look): string[] {
  const { columns } = state.size;
  const snapshot = listed(state);
  return [
    renderLine(look, columns, { left: aboutRedis(state), right: [...aboutConnection(state), clock(state)] }),
    renderLine(look, columns, {
      left: snapshot ? screenOf(state.screen).summary(snapshot) : [],
      gap: columns >= WIDE ? '   ' : '  ',
    }),
    renderLine(look, columns, { left: tabs(state) }),
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

function tabs(state: State): Cell[] {
  return SCREENS.map(({ id, title, badge }, index) => {
    const number = state.snapshot ? badge(state.snapshot) : 0;
    const text = [index + 1, title, ...(number > 0 ? [amount(number)] : [])].join(' ');
    return id === state.screen ? { text: `[${text}]`, tone: 'strong' } : text;
  });
}

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

/** The local time of day: `09:41:07`. */
export function clockTime(ms: number): string {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
