import type { Context } from './context.ts';

const ESCAPE = '\u001b';
const CTRL_C = '\u0003';

export interface StopKey {
  /** Aborts on Ctrl-C, SIGTERM, and where somebody sits at a terminal on Esc. */
  readonly signal: AbortSignal;
  /** Gives the terminal back. */
  end(): void;
}

/** Lets a person stop work that goes on for long, by Esc too. The terminal hands on single keys meanwhile. */
export function stopKey(context: Context): StopKey {
  const { stdin } = context;
  if (!context.canAsk) return { signal: context.signal, end() {} };
  const controller = new AbortController();
  const press = (keys: Buffer): void => {
    // A terminal that hands on keys makes no signal of Ctrl-C. Arrow keys begin with Esc, too.
    if (String(keys) === CTRL_C) process.kill(process.pid, 'SIGINT');
    else if (String(keys) === ESCAPE) controller.abort();
  };
  stdin.setRawMode(true).on('data', press).resume();
  return {
    signal: AbortSignal.any([context.signal, controller.signal]),
    end() {
      stdin.off('data', press).pause();
      stdin.setRawMode(false);
    },
  };
}
