import { messageOf } from '../../errors.ts';
import { count } from '../../lib/text.ts';
import type { HandlerContext, JobLog } from '../define-handler.ts';

const LONGEST_LINE = 8192;
/** Lines of one attempt that are logged; no more of them are kept with a job anyway. */
const MOST_LINES = 1000;
/** Lines that tell why a program failed: the last ones that it wrote. */
const LAST_LINES = 20;
const LONGEST_LAST_LINE = 300;

type Level = keyof JobLog;

/** How loggers call our levels: by name, and by pino's numbers. */
const LEVEL_NAMES: Readonly<Record<Level, readonly string[]>> = {
  debug: ['trace', 'debug', '10', '20'],
  info: ['info', 'notice', '30'],
  warn: ['warn', 'warning', '40'],
  error: ['error', 'critical', 'fatal', '50', '60'],
};
const LEVELS = new Map(
  Object.entries(LEVEL_NAMES).flatMap(([level, names]) => names.map((name) => [name, level as Level] as const)),
);

/** What a program says on stderr, as the job's log. */
export interface ProgramLog {
  /** Takes the next piece of it. */
  write(text: string): void;
  /** Logs what is left, and resolves when its progress is stored. */
  end(): Promise<void>;
  /** The last lines so far. */
  readonly lastLines: readonly string[];
}

/**
 * Each line is one of the job's log. A line that is JSON, as loggers write it, keeps its level and fields, and
 * `{"progress": 40}` is progress. Lines are cut, and of too many only their number is told, whatever a program writes.
 */
export function createProgramLog({ log, progress }: Pick<HandlerContext, 'log' | 'progress'>): ProgramLog {
  const lastLines: string[] = [];
  let rest = '';
  let lines = 0;
  let percent: number | undefined;
  let reporting: Promise<void> | undefined;

  // A program may report more often than Redis can be told: the latest report counts.
  async function report(): Promise<void> {
    while (percent !== undefined) {
      const next = percent;
      percent = undefined;
      await progress(next).catch((error: unknown) => log.debug(`Its progress was not stored: ${messageOf(error)}`));
    }
    reporting = undefined;
  }

  function take(raw: string): void {
    // What a terminal would show of a line that is drawn again and again.
    const line = raw.trimEnd().replace(/^.*\r/s, '');
    if (line.trim() === '') return;
    const entry = parseEntry(line);
    if (entry?.progress !== undefined) {
      percent = entry.progress;
      reporting ??= report();
    }
    if (entry?.progress !== undefined && entry.message === undefined) return;
    lastLines.push((entry?.message ?? line).slice(0, LONGEST_LAST_LINE));
    if (lastLines.length > LAST_LINES) lastLines.shift();
    lines += 1;
    if (lines > MOST_LINES) return;
    if (entry?.message === undefined) log.info(line);
    else log[entry.level](entry.fields, entry.message);
  }

  return {
    lastLines,
    write(text) {
      const parts = (rest + text).split('\n');
      rest = parts.pop()!.slice(0, LONGEST_LINE);
      for (const part of parts) take(part.slice(0, LONGEST_LINE));
    },
    async end() {
      take(rest);
      rest = '';
      if (lines > MOST_LINES) log.warn(`${count(lines - MOST_LINES, 'more line')} of its log were left out`);
      await reporting;
    },
  };
}

interface Entry {
  level: Level;
  message: string | undefined;
  fields: object;
  progress: number | undefined;
}

/** A line that a logger wrote, or that reports progress; `undefined` for any other. */
function parseEntry(line: string): Entry | undefined {
  if (!line.startsWith('{')) return undefined;
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  // The log has a time of its own.
  const { level, msg, message = msg, progress, time: _time, ...fields } = value;
  const entry = {
    level: LEVELS.get(String(level).toLowerCase()) ?? 'info',
    message: typeof message === 'string' ? message : undefined,
    fields,
    progress: typeof progress === 'number' && progress >= 0 && progress <= 100 ? progress : undefined,
  };
  return entry.message === undefined && entry.progress === undefined ? undefined : entry;
}
