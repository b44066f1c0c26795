import type { Logger } from 'pino';
import type { ConfigValues } from '../../src/options.ts';
import type { Context } from './context.ts';

/** The log of a program that stays: JSON lines on stderr, or lines for people when that is a terminal. */
export async function createLog(context: Context, { log: { level } }: ConfigValues): Promise<Logger> {
  const [{ pino }, { renderLogLine }] = await Promise.all([import('pino'), import('./render-log-line.ts')]);
  const { stderr, paintNote } = context;
  const write = (line: string) => stderr.write(stderr.isTTY ? `${renderLogLine(line, paintNote)}\n` : line);
  const formatters = { level: (label: string) => ({ level: label }) };
  return pino({ level, formatters, timestamp: pino.stdTimeFunctions.isoTime }, { write });
}
