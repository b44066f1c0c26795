import type { Logger } from 'pino';
import { now } from '../../src/lib/clock.ts';
import { maskSecrets } from '../../src/lib/mask-secrets.ts';
import { isoTime } from '../../src/lib/time.ts';
import type { ConfigValues } from '../../src/options.ts';
import type { Context } from './context.ts';
import { escapeHostile } from './json-text.ts';

/**
 * The log of a program that stays: JSON lines on stderr, or lines for people when that is a terminal. What handlers log
 * comes along, so fields that are secret by their name are masked, and no character in it can do something to a terminal.
 */
export async function createLog(context: Context, { log: { level } }: ConfigValues): Promise<Logger> {
  const [{ pino }, { renderLogLine }] = await Promise.all([import('pino'), import('./render-log-line.ts')]);
  const { stderr, paintNote } = context;
  const write = gatherLines((lines) =>
    stderr.write(
      stderr.isTTY
        ? lines.map((line) => `${renderLogLine(line, paintNote)}\n`).join('')
        : escapeHostile(lines.join('')),
    ),
  );
  const formatters = { level: (label: string) => ({ level: label }), log: maskSecrets };
  return pino({ level, formatters, timestamp: () => `,"time":"${isoTime(now())}"` }, { write });
}

/** Lets the lines of one turn of the event loop go out in one write: where there are thousands, each write counts. */
function gatherLines(writeAll: (lines: readonly string[]) => void): (line: string) => void {
  let lines: string[] = [];
  function flush(): void {
    const ready = lines;
    lines = [];
    if (ready.length > 0) writeAll(ready);
  }
  process.on('exit', flush);
  return (line) => {
    if (lines.push(line) === 1) setImmediate(flush);
  };
}
