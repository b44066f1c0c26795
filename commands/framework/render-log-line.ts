import { parseJson } from '../../src/lib/json.ts';
import { cleanLine, pad } from '../../src/lib/text.ts';
import { jsonText } from './json-text.ts';
import type { Paint, Style } from './terminal.ts';

const STYLES: Record<string, Style> = { debug: 'dim', info: 'green', warn: 'yellow', error: 'red', fatal: 'red' };
const HIDDEN = new Set(['level', 'time', 'msg', 'pid', 'hostname']);

/** A line of the log, which is JSON, as a person reads it: `13:45:51 warn  attempt failed  job=j_1 ms=12`. Other text stays. */
export function renderLogLine(line: string, paint: Paint): string {
  const parsed = parseJson(line);
  if ('fault' in parsed || parsed.value === null || typeof parsed.value !== 'object' || Array.isArray(parsed.value))
    return cleanLine(line);
  const record = parsed.value;
  const level = String(record.level);
  const fields = Object.entries(record)
    .filter(([name]) => !HIDDEN.has(name))
    .map(
      ([name, value]) =>
        `${name}=${typeof value === 'string' && /^[\w@./:+-]+$/.test(value) ? value : jsonText(value)}`,
    );
  const time = String(record.time).slice(11, 19);
  return [
    time,
    paint(STYLES[level] ?? 'reset', pad(level, 5)),
    cleanLine(String(record.msg ?? '')),
    paint('dim', fields.join(' ')),
  ]
    .join(' ')
    .trimEnd();
}
