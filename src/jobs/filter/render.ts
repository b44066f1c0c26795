import { isDeepStrictEqual } from 'node:util';
import { renderDuration } from '../../lib/duration.ts';
import { isoTime } from '../../lib/time.ts';
import { type FieldKind, type FieldName, FIELDS } from './fields.ts';
import { createFilter, type Filter, type Term, type Value } from './filter.ts';
import { parseTerm } from './parse.ts';

/** The text of a filter, which parses to the same. */
export const renderFilter = ({ terms }: Filter): string => terms.map(renderTerm).join(' ');

function renderTerm(term: Term): string {
  const values = renderValues(term);
  // The name may be left out where what follows does not look like one.
  const prefix =
    term.field === 'text' && !/^[A-Za-z][^\s,"]*:/.test(values) ? '' : `${[term.field, ...term.path].join('.')}:`;
  return (term.negated ? '!' : '') + prefix + values;
}

const renderValues = ({ field, values }: Term): string =>
  values.map((value) => renderValue(value, FIELDS[field].kind)).join(',');

function renderValue(value: Value, kind: FieldKind): string {
  const number = kind === 'duration' ? renderDuration : String;
  switch (value.kind) {
    case 'text':
      return isPlain(value.text, kind) ? value.text : `"${value.text.replace(/["\\]/g, '\\$&')}"`;
    case 'glob':
      return value.text;
    case 'pattern':
      return `/${value.source}/${value.anyCase ? 'i' : ''}`;
    case 'number':
      return (value.operator === '=' && kind !== 'json' ? '' : value.operator) + number(value.number);
    case 'range':
      return `${number(value.min)}..${number(value.max)}`;
    case 'time':
      return isoTime(value.ms);
  }
}

/** Whether a text means itself without quotes. */
function isPlain(text: string, kind: FieldKind): boolean {
  if (!/^[^\s,"!/<>=*?][^\s,"*?]*$/.test(text)) return false;
  return kind !== 'json' || !text.includes('..');
}

/** Fields that are flags too, wherever jobs are chosen. */
export const FLAG_FIELDS = [
  'queue',
  'type',
  'state',
  'status',
  'error',
  'since',
  'until',
  'attempts',
] as const satisfies FieldName[];
export type FlagField = (typeof FLAG_FIELDS)[number];

/** The words of a command line that choose the same: flags, and `--where` for what no flag can say. */
export function renderFlags({ terms }: Filter): string[] {
  const flags = new Map<string, string>();
  const rest: Term[] = [];
  for (const term of terms) {
    const value = flagValue(term);
    if (value === undefined || flags.has(term.field)) rest.push(term);
    else flags.set(term.field, value);
  }
  if (rest.length > 0) flags.set('where', renderFilter(createFilter(rest)));
  return [...flags].flatMap(([name, value]) => [`--${name}`, value]);
}

function flagValue(term: Term): string | undefined {
  if (!(FLAG_FIELDS as readonly FieldName[]).includes(term.field)) return undefined;
  const [first] = term.values;
  const bodies = [...(first?.kind === 'text' ? [first.text] : []), renderValues(term)];
  return bodies.map((body) => (term.negated ? '!' : '') + body).find((value) => isSame(term, value));
}

function isSame(term: Term, value: string): boolean {
  try {
    return isDeepStrictEqual(parseTerm(term.field, value), term);
  } catch {
    return false;
  }
}
