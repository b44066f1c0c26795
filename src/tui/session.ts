import { now } from '../lib/clock.ts';
import type { Suspend } from './app.tsx';
import { awaitEnding } from './ending.ts';
import type { Effect, Event } from './events.ts';
import { actionFor } from './keys.ts';
import type { Look } from './paint.ts';
import { openPicture, sizeOf, type Streams } from './picture.tsx';
import { createPoller, type Source } from './poller.ts';
import { reduce } from './reduce.ts';
import { render } from './render.ts';
import { initialState } from './state.ts';
import { stopProcess } from './stop-process.ts';

export interface SessionOptions extends Streams, Look {
  /** Which Redis is shown, for people. */
  label: string;
  intervalMs: number;
}

/**
 * From now until somebody quits or a signal comes: turns keys, data and time into states, and states into pictures.
 * It starts with the signals and the picture, then the clock and the poller, and ends in the opposite order.
 * @returns the exit code: 0, or 128 and the number of the signal that ended it
 */
export async function runSession(source: Source, options: SessionOptions): Promise<number> {
  const { stdout, label, intervalMs } = options;
  let state = initialState({ size: sizeOf(stdout), now: now(), label, intervalMs });
  let handedOver = false;

  const dispatch = (event: Event): Effect | undefined => {
    const step = reduce(state, event);
    state = step.state;
    return step.effect;
  };
  const draw = () => picture.draw(render(state, options));
  const show = (event: Event) => {
    dispatch(event);
    draw();
  };
  const onKeys = (keys: readonly string[], suspend: Suspend) => {
    for (const key of keys) {
      const action = actionFor(state.focus, key);
      const effect = action && dispatch(action);
      if (effect) perform(effect, suspend);
    }
    draw();
  };
  const perform = (effect: Effect, suspend: Suspend) => {
    switch (effect.type) {
      case 'refresh':
        return poller.refresh();
      case 'redraw':
        return void handOver(suspend, async () => {});
      case 'suspend':
        return void handOver(suspend, stopProcess);
      case 'quit':
        return ending.quit();
      case 'interrupt':
        return ending.interrupt();
    }
  };
  // Afterwards the terminal is taken back in full: modes, alternate screen, picture. Ink refuses to hand it over twice.
  const handOver = async (suspend: Suspend, task: () => Promise<void>) => {
    if (handedOver) return;
    handedOver = true;
    await suspend(task);
    handedOver = false;
    poller.refresh();
  };

  const ending = awaitEnding(options);
  const picture = openPicture(options, render(state, options), {
    onKeys,
    onPaste: (text) => state.focus === 'filter' && show({ type: 'typed', text }),
    onResize: (size) => show({ type: 'resized', ...size }),
  });
  const clock = setInterval(() => show({ type: 'ticked', at: now() }), 1000);
  const poller = createPoller(source, {
    intervalMs: () => state.intervalMs,
    onSnapshot: (snapshot, everyMs) => show({ type: 'refreshed', snapshot, at: now(), everyMs }),
    onMiss: (reason, retryMs) => show({ type: 'missed', reason, at: now(), retryAt: now() + retryMs }),
  });

  const stop = () => {
    poller.stop();
    clearInterval(clock);
  };
  try {
    const code = await Promise.race([ending.code, picture.broken]);
    stop();
    await picture.close();
    return code;
  } finally {
    stop();
    ending.dispose();
  }
}
