import { monotonicMs } from '../../src/lib/clock.ts';
import { renderApproximateDuration } from '../../src/lib/duration.ts';
import type { Context } from './context.ts';
import { grouped } from '../../src/lib/text.ts';

const BAR_COLUMNS = 20;
const DRAW_EVERY_MS = 100;
const SAY_EVERY_MS = 10_000;

export interface Progress {
  /** `total` is left out where nobody counted. */
  update(done: number, total?: number): void;
  /** Takes the bar away again. */
  end(): void;
}

/** Progress of bulk work on stderr: a bar on a terminal, else a line each 10 s. `verb` is what is done: `replayed`. */
export function startProgress(context: Context, verb: string): Progress {
  const startedAt = monotonicMs();
  const bar = context.stderr.isTTY && context.env.TERM !== 'dumb';
  let shownAt = bar ? -Infinity : startedAt;
  let drawn = false;
  return {
    update(done, total) {
      const at = monotonicMs();
      if (context.globals.quiet || at - shownAt < (bar ? DRAW_EVERY_MS : SAY_EVERY_MS)) return;
      shownAt = at;
      const text = renderProgress(verb, done, total, at - startedAt);
      const drawing = total === undefined ? text : `${renderBar(done, total)} ${text}`;
      context.stderr.write(bar ? `\r${drawing}\u001b[K` : `${text}\n`);
      drawn = bar;
    },
    end() {
      if (drawn) context.stderr.write('\r\u001b[K');
      drawn = false;
    },
  };
}

/** `replayed 430/1,021  58/s  10.2s left` */
export function renderProgress(verb: string, done: number, total: number | undefined, elapsedMs: number): string {
  const perSecond = elapsedMs > 0 ? (done / elapsedMs) * 1000 : 0;
  const left =
    perSecond > 0 && total !== undefined
      ? `  ${renderApproximateDuration(((total - done) / perSecond) * 1000)} left`
      : '';
  return `${verb} ${grouped(done)}${total === undefined ? '' : `/${grouped(total)}`}  ${grouped(Math.round(perSecond))}/s${left}`;
}

function renderBar(done: number, total: number): string {
  const filled = total > 0 ? Math.round((BAR_COLUMNS * Math.min(done, total)) / total) : 0;
  return '█'.repeat(filled) + '░'.repeat(BAR_COLUMNS - filled);
}
