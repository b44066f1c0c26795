import { messageOf } from '../errors.ts';
import { now } from '../lib/clock.ts';
import type { Order } from './actions/order.ts';
import { clip } from './clip.ts';
import type { Desk } from './desk.ts';
import { awaitEnding } from './ending.ts';
import { actionAt } from './mouse/action-at.ts';
import { createMouse } from './mouse/mouse.ts';
import type { Report } from './mouse/split-mouse.ts';
import type { Action, Effect, Event } from './events.ts';
import { actionFor } from './bound-keys.ts';
import { createPager } from './pager.ts';
import type { Look } from './paint.ts';
import { openPicture, sizeOf, type Streams } from './picture.tsx';
import { createPoller } from './poller.ts';
import { reduce } from './reduce.ts';
import { render } from './render.ts';
import { createRuns } from './runs.ts';
import { initialState, pageOf, type State } from './state.ts';
import { stopProcess } from './stop-process.ts';
import { openEditor, viewText } from './view-text.ts';
import { wantedPage } from './wanted.ts';

export interface SessionOptions extends Streams, Look {
  /** Which Redis is shown, for people. */
  label: string;
  intervalMs: number;
  readOnly: boolean;
  /** The mouse is taken from the terminal from the start. */
  mouse: boolean;
  /** Where an editor and a pager are named. */
  env: NodeJS.ProcessEnv;
}

/**
 * From now until somebody quits or a signal comes: turns keys, data and time into states, and states into pictures.
 * It starts with the signals and the picture, then the clock, the poller and the pager, and ends in the opposite order.
 * What runs in the background is stopped between two steps, and waited for.
 * @returns the exit code: 0, or 128 and the number of the signal that ended it
 */
export async function runSession(desk: Desk, options: SessionOptions): Promise<number> {
  const { stdin, stdout, label, intervalMs, readOnly, mouse: takesMouse, env } = options;
  let state = initialState({ size: sizeOf(stdout), now: now(), label, intervalMs, readOnly, mouse: takesMouse });
  let handedOver = false;
  let isOpen = true;

  const dispatch = (event: Event): Effect | undefined => {
    const step = reduce(state, event);
    state = step.state;
    pager.want(wantedPage(state), state.frozen === undefined);
    return step.effect;
  };
  const draw = () => isOpen && picture.draw(render(state, options));
  const show = (event: Event) => {
    dispatch(event);
    draw();
  };
  let early: string[] = [];
  const onKeys = (keys: readonly string[]) => {
    for (const key of keys) press(key);
    draw();
  };
  const press = (key: string, isLate = false) => {
    const action = actionFor(state, key);
    const leaves = action !== undefined && ['quit', 'interrupt', 'suspend'].includes(action.type);
    // Quick fingers are on the next screen before its rows are.
    const waits = early.length > 0 || (action !== undefined && isBlank(state) && needsRows(action));
    if (waits && !leaves) return void early.push(key);
    // What changes something is only done to what was seen.
    if (!action || (isLate && action.type === 'act')) return;
    perform(dispatch(action));
  };
  const onReport = (report: Report) => {
    const action = actionAt(state, report);
    // What was typed before comes first, and needs rows that are not there yet.
    if (!action || early.length > 0 || (isBlank(state) && needsRows(action))) return;
    perform(dispatch(action));
    draw();
  };
  const catchUp = () => {
    const keys = early;
    early = [];
    for (const key of keys) press(key, true);
  };
  const perform = (effect: Effect | undefined) => {
    switch (effect?.type) {
      case 'refresh':
        return look();
      case 'redraw':
        return void handOver(async () => {});
      case 'suspend':
        return void handOver(stopProcess);
      case 'view':
        return void handOver(() => viewText(state, env));
      case 'edit':
        return void handOver(() => edit(effect));
      case 'run':
        return runs.begin(effect.order, effect.total);
      case 'count':
        return void count(effect.order);
      case 'stop':
        return runs.stop();
      case 'clip':
        return clip(stdout, effect.text);
      case 'take-mouse':
        return mouse.take(effect.on);
      case 'quit':
        return ending.quit();
      case 'interrupt':
        return ending.interrupt();
    }
  };
  const look = () => {
    poller.refresh();
    pager.refresh();
  };
  // Afterwards the terminal is taken back in full: modes, alternate screen, picture. Ink refuses to hand it over twice.
  const handOver = async (task: () => Promise<void>) => {
    if (handedOver) return;
    handedOver = true;
    await mouse.lend(() => picture.suspend(() => withoutReading(stdin, task)));
    handedOver = false;
    look();
    draw();
  };
  const edit = async ({ action, target }: Effect & { type: 'edit' }) => {
    const write = action === 'add' ? desk.add : desk.edit;
    try {
      dispatch({ type: 'told', text: await write(target, (file) => openEditor(file, env)) });
    } catch (error) {
      const reason = messageOf(error);
      dispatch({ type: 'told', text: reason, tone: 'alarm', failures: [{ name: '', reason }] });
    }
  };
  const count = async (order: Order) => {
    const isWanted = () => state.question?.order === order;
    const counting = new AbortController();
    const onLooked = (amount: number) => {
      if (isWanted()) dispatch({ type: 'looked', order, amount });
      else counting.abort();
    };
    try {
      const found = await desk.count(order, { signal: counting.signal, onLooked });
      show({ type: 'counted', order, ...found });
    } catch (error) {
      show({ type: 'refused', order, reason: messageOf(error) });
    }
  };

  const ending = awaitEnding(options);
  // Before the first question, whose answer would else seem slow: to take the terminal takes a while.
  const mouse = createMouse(options, onReport);
  const picture = openPicture({ ...options, stdin: mouse.stdin }, render(state, options), {
    onKeys,
    onPaste: (text) => isTextEntry(state) && show({ type: 'typed', text }),
    onResize: (size) => show({ type: 'resized', ...size }),
  });
  mouse.take(takesMouse);
  // Data brings the time along, and each picture costs: only data that is late or seldom is gone ahead of.
  const clock = setInterval(() => now() - state.now > quietMs(state) && show({ type: 'ticked', at: now() }), 500);
  const poller = createPoller(desk.snapshot, {
    intervalMs: () => state.intervalMs,
    onSnapshot: (snapshot, everyMs) => show({ type: 'refreshed', snapshot, at: now(), everyMs }),
    onMiss: (reason, retryMs) => {
      early = [];
      show({ type: 'missed', reason, at: now(), retryAt: now() + retryMs });
    },
  });
  const pager = createPager(desk.read, {
    intervalMs: () => state.intervalMs,
    onPage: (request, page) => {
      dispatch({ type: 'paged', request, page });
      catchUp();
      draw();
    },
  });
  const runs = createRuns(desk.run, (event) => {
    show(event);
    if (event.type === 'ended') look();
  });
  const stop = () => {
    poller.stop();
    pager.stop();
    clearInterval(clock);
  };
  try {
    const code = await Promise.race([ending.code, picture.broken]);
    stop();
    isOpen = false;
    mouse.close();
    await picture.close();
    await runs.end();
    return code;
  } finally {
    stop();
    mouse.close();
    ending.dispose();
  }
}

/** For how long the time on screen may stand still. */
const quietMs = ({ connection }: State): number =>
  connection.is === 'live' && connection.everyMs <= 1000 ? 1500 : 900;

/** Does something while nothing is read from a terminal, of which somebody else would else miss keys. */
async function withoutReading(stdin: NodeJS.ReadableStream, task: () => Promise<void>): Promise<void> {
  // Ink has taken its listener away, which the stream notices in the next tick: before, it would not pause.
  await new Promise(setImmediate);
  stdin.pause();
  try {
    await task();
  } finally {
    stdin.resume();
  }
}

/** What a place shows has not been read yet. */
const isBlank = (state: State): boolean => wantedPage(state) !== undefined && pageOf(state) === undefined;

/** Whether a key means a row. */
const needsRows = ({ type }: Action): boolean =>
  ['move', 'point', 'page', 'jump', 'open', 'mark', 'turn'].includes(type);

/** A number is not pasted: whoever confirms has to have read it. */
const isTextEntry = ({ focus }: State): boolean => focus === 'filter' || focus === 'palette';
