import { hostname } from 'node:os';
import type { LogFn, Logger } from 'pino';
import { now } from '../../src/lib/clock.ts';
import { isSecret, maskSecrets } from '../../src/lib/mask-secrets.ts';
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
  const base = { pid: process.pid, hostname: hostname() };
  const log = pino({ level, base, formatters, timestamp: () => `,"time":"${isoTime(now())}"` }, { write });
  if (log.isLevelEnabled('info')) log.info = quickInfo(log, base, write);
  return log;
}

/**
 * The same line for texts and numbers, which is what each request writes, in a third of the time: pino puts a line
 * together piece by piece. All else is left to pino.
 */
function quickInfo(log: Logger, base: object, write: (line: string) => void): LogFn {
  const { info } = log;
  const beginning = JSON.stringify(base).slice(1, -1);
  return function (this: Logger, fields: unknown, message?: string, ...values: unknown[]): void {
    // Loggers that are made of this one say more.
    if (this !== log || message === undefined || values.length > 0 || !isFlat(fields)) {
      return info.call(this, fields, message, ...values);
    }
    const json = JSON.stringify(fields);
    const inside = json === '{}' ? '' : `${json.slice(1, -1)},`;
    write(`{"level":"info","time":"${isoTime(now())}",${beginning},${inside}"msg":${JSON.stringify(message)}}\n`);
  };
}

/** Texts, numbers and the like, and nothing secret among them. */
function isFlat(fields: unknown): fields is object {
  if (fields === null || typeof fields !== 'object' || fields instanceof Error) return false;
  for (const name in fields) if (!FLAT.has(typeof fields[name as never]) || isSecret(name)) return false;
  return true;
}
const FLAT = new Set(['string', 'number', 'boolean', 'undefined']);

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
