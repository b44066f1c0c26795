import type { JobField } from '../../broker/job-record.ts';
import { JOB_STATES, type JobStatus, STATUS_STATES } from '../job.ts';

/** How the values of a field are written, and what they are compared with. */
export type FieldKind =
  /** A whole name; `*` and `?` stand for others. */
  | 'name'
  /** Part of a text, in any case. */
  | 'text'
  /** A value somewhere in JSON, or part of all of it. */
  | 'json'
  /** One of a few words. */
  | 'word'
  | 'number'
  | 'duration'
  | 'time';

export interface Field {
  kind: FieldKind;
  /** What of a stored job it looks at. */
  reads: readonly JobField[];
  about: string;
  words?: readonly string[];
}

/** When a job came to where it is: by its end if it has one, else by its beginning. */
const MOMENT = ['timestamp', 'finishedOn'] as const;

/** What a filter can ask about, in the order in which help shows it. */
export const FIELDS = {
  type: { kind: 'name', reads: ['name'], about: 'its type' },
  queue: { kind: 'name', reads: [], about: 'its queue' },
  id: { kind: 'name', reads: [], about: 'its id' },
  state: { kind: 'word', reads: [], words: JOB_STATES, about: 'where it is' },
  status: {
    kind: 'word',
    reads: [],
    words: Object.keys(STATUS_STATES) as JobStatus[],
    about: 'the same, in four words',
  },
  error: { kind: 'text', reads: ['failedReason'], about: 'the message of its last failed attempt' },
  since: { kind: 'time', reads: MOMENT, about: 'ended, or if it has not, was added, then or later' },
  until: { kind: 'time', reads: MOMENT, about: 'ended, or if it has not, was added, then or before' },
  age: { kind: 'duration', reads: ['timestamp'], about: 'how long ago it was added' },
  ran: { kind: 'duration', reads: ['processedOn', 'finishedOn'], about: 'how long its last attempt took' },
  attempts: { kind: 'number', reads: ['atm'], about: 'attempts used' },
  priority: { kind: 'number', reads: ['priority'], about: '0 is none' },
  progress: { kind: 'number', reads: ['progress'], about: 'in percent' },
  replays: { kind: 'number', reads: ['jq:replayed'], about: 'times it was put back from the dead letters' },
  batch: { kind: 'name', reads: ['jq:replayed'], about: 'the replay that put it back' },
  payload: { kind: 'json', reads: ['data'], about: 'the payload, or with a path a value in it' },
  result: { kind: 'json', reads: ['returnvalue'], about: 'what its handler returned' },
  text: {
    kind: 'text',
    reads: ['name', 'failedReason', 'data'],
    about: 'id, type, error or payload; the name may be left out',
  },
} as const satisfies Record<string, Field>;

export type FieldName = keyof typeof FIELDS;
export const FIELD_NAMES = Object.keys(FIELDS) as FieldName[];

export const isFieldName = (word: string): word is FieldName => Object.hasOwn(FIELDS, word);

/** How an error names what the values of a field must be. */
export function expectedOf(name: FieldName): string {
  const { kind, words = [] }: Field = FIELDS[name];
  switch (kind) {
    case 'name':
      return 'a name such as send-email or send-*, or /a pattern/';
    case 'text':
      return 'a text, "a text with spaces", or /a pattern/';
    case 'json':
      return 'a value such as 7, >7, 2..5, "a text", a*, or /a pattern/';
    case 'word':
      return `one of ${words.join(', ')}`;
    case 'number':
      return 'a number such as 3, >3, <=3 or 2..5';
    case 'duration':
      return "a duration such as '>2h', '<=500ms' or '1m..5m'";
    case 'time':
      return "a time such as '2h' (ago), '2030-01-31' or '2030-01-31T09:00:00Z'";
  }
}
