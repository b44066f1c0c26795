import fs from 'node:fs';

/**
 * The ledgers of a run: what was tried and what happened, each fact one line, written by one `write` to a file that is
 * open for appending. So lines of many processes stand whole and in the order in which they came about, and those of a
 * killed process stay.
 *
 * Every line ends with the time, in epoch milliseconds. `key` is the job's idempotency key, `run` one start of its handler.
 */
export const LEDGERS = {
  /** By the producer, on disk before it goes on. */
  produced: {
    try: ['key', 'type'],
    ack: ['key', 'id'],
    /** Tried by a producer that was killed, and never again. */
    gone: ['key'],
  },
  /** By the handlers. A run that has only its start was killed, hangs or still goes on. */
  handled: {
    start: ['key', 'run', 'pid', 'type'],
    end: ['key', 'run'],
    /** Its own failure, which costs an attempt. */
    failure: ['key', 'run'],
    /** It ended because its signal aborted. */
    abort: ['key', 'run'],
    /** It ended because something that it was given, such as `once`, threw. */
    letdown: ['key', 'run'],
  },
  /** By the function of `once`, and by the handler when `once` has returned. */
  effects: {
    effect: ['key', 'value', 'fence', 'uncertain'],
    recorded: ['key', 'value'],
  },
} as const satisfies Record<string, Record<string, readonly string[]>>;

export type LedgerName = keyof typeof LEDGERS;
type Facts<Name extends LedgerName> = (typeof LEDGERS)[Name];

/** One line, e.g. `{fact: 'ack', key, id, at}`. */
export type Line<Name extends LedgerName> = {
  [Fact in keyof Facts<Name>]: { fact: Fact; at: number } & (Facts<Name>[Fact] extends readonly (infer Field)[]
    ? { [Each in Field & string]: string }
    : never);
}[keyof Facts<Name>];

export type LedgerWriter<Name extends LedgerName> = (...lines: Line<Name>[]) => void;

/** @param sync whether the lines are on disk, not only with the kernel, when the call returns */
export function openLedger<Name extends LedgerName>(
  folder: string,
  name: Name,
  { sync = false } = {},
): LedgerWriter<Name> {
  const file = fs.openSync(fileOf(folder, name), 'a');
  return (...lines) => {
    fs.writeSync(file, lines.map((line) => `${renderLine(name, line)}\n`).join(''));
    if (sync) fs.fsyncSync(file);
  };
}

/** Follows a ledger that grows: each call gives all lines so far, and reads only what is new. */
export function followLedger<Name extends LedgerName>(folder: string, name: Name): () => readonly Line<Name>[] {
  const lines: Line<Name>[] = [];
  let offset = 0;
  return () => {
    const fresh = readFrom(fileOf(folder, name), offset);
    // The last line may be on its way.
    const whole = fresh.subarray(0, fresh.lastIndexOf('\n') + 1);
    offset += whole.length;
    for (const line of parseLedger(name, whole.toString('utf8'))) lines.push(line);
    return lines;
  };
}

function readFrom(name: string, offset: number): Buffer {
  if (!fs.existsSync(name)) return Buffer.alloc(0);
  const file = fs.openSync(name, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, fs.fstatSync(file).size - offset));
    return bytes.subarray(0, fs.readSync(file, bytes, 0, bytes.length, offset));
  } finally {
    fs.closeSync(file);
  }
}

/** @throws Error for a line that is none: a ledger that cannot be trusted proves nothing */
export function parseLedger<Name extends LedgerName>(name: Name, text: string): Line<Name>[] {
  const fieldsOf: Record<string, readonly string[]> = LEDGERS[name];
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    const [fact = '', ...values] = line.split(' ');
    const fields = fieldsOf[fact];
    const at = Number(values.pop());
    if (!fields || fields.length !== values.length || !Number.isFinite(at)) {
      throw new Error(`Expected a line of the ledger "${name}", got "${line}"`);
    }
    const named = Object.fromEntries(fields.map((field, index) => [field, values[index]!]));
    return { fact, ...named, at } as unknown as Line<Name>;
  });
}

function renderLine<Name extends LedgerName>(name: Name, line: Line<Name>): string {
  const fieldsOf: Record<string, readonly string[]> = LEDGERS[name];
  const values = line as unknown as Record<string, string | number>;
  return [line.fact, ...fieldsOf[line.fact as string]!.map((field) => values[field]), line.at].join(' ');
}

const fileOf = (folder: string, name: LedgerName): string => `${folder}/${name}.ledger`;
