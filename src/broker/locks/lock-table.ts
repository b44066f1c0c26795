import { uptimeMs } from '../../lib/clock.ts';

/** A job that is in hand, as the table holds it. */
export interface HeldJob {
  queue: string;
  id: string;
  /** What the lock in Redis holds. */
  token: string;
}

const HEADER_BYTES = 16;
const ROW_BYTES = 512;
const ROW_HEADER_BYTES = 16;
const PULSE = 0;

/**
 * The jobs that a process has in hand, in memory that its main thread and its lock thread share: the main thread writes
 * a row before the handler starts, so that the lock is kept from then on whatever the handler does to its thread.
 * A row is: turn (int32, odd while it is held), length of the text (int32), deadline (float64, uptime in ms, 0 for none), text.
 */
export class LockTable {
  readonly buffer: SharedArrayBuffer;
  readonly #rows: number;
  readonly #bytes: Buffer;
  readonly #integers: Int32Array;
  readonly #numbers: Float64Array;
  /** Main thread only: the rows that are free. */
  readonly #free: number[];

  constructor(rowsOrBuffer: number | SharedArrayBuffer) {
    this.buffer =
      typeof rowsOrBuffer === 'number' ? new SharedArrayBuffer(HEADER_BYTES + rowsOrBuffer * ROW_BYTES) : rowsOrBuffer;
    this.#rows = (this.buffer.byteLength - HEADER_BYTES) / ROW_BYTES;
    this.#bytes = Buffer.from(this.buffer);
    this.#integers = new Int32Array(this.buffer);
    this.#numbers = new Float64Array(this.buffer);
    this.#free = Array.from({ length: this.#rows }, (_, row) => row);
  }

  /** Called by the main thread again and again: it is alive and free. */
  beat(): void {
    Atomics.store(this.#integers, PULSE, Math.trunc(uptimeMs()) | 0);
  }

  /** How long ago the main thread was free (ms). */
  silenceMs(): number {
    return ((Math.trunc(uptimeMs()) | 0) - Atomics.load(this.#integers, PULSE)) | 0;
  }

  /** @returns the row; undefined when the table is full or the names are too long for it: the lock must be kept another way */
  hold({ queue, id, token }: HeldJob): number | undefined {
    const text = JSON.stringify([queue, id, token]);
    const length = Buffer.byteLength(text);
    const row = length > ROW_BYTES - ROW_HEADER_BYTES ? undefined : this.#free.pop();
    if (row === undefined) return undefined;
    const start = startOf(row);
    this.#bytes.write(text, start * 4 + ROW_HEADER_BYTES);
    this.#integers[start + 1] = length;
    this.#numbers[start / 2 + 1] = 0;
    Atomics.add(this.#integers, start, 1);
    return row;
  }

  /** From then on (uptime in ms) the attempt is over, whatever the handler does. */
  setDeadline(row: number, uptime: number): void {
    this.#numbers[startOf(row) / 2 + 1] = uptime;
  }

  release(row: number): void {
    Atomics.add(this.#integers, startOf(row), 1);
    this.#free.push(row);
  }

  /** Every job in hand, and its deadline (0 for none). */
  read(): (HeldJob & { deadline: number })[] {
    const held: (HeldJob & { deadline: number })[] = [];
    for (let row = 0; row < this.#rows; row += 1) {
      const start = startOf(row);
      const turn = Atomics.load(this.#integers, start);
      if (turn % 2 === 0) continue;
      const from = start * 4 + ROW_HEADER_BYTES;
      const text = this.#bytes.toString('utf8', from, from + this.#integers[start + 1]!);
      const deadline = this.#numbers[start / 2 + 1]!;
      // Released and taken again while it was read: the next look will see the new one.
      if (Atomics.load(this.#integers, start) !== turn) continue;
      const [queue, id, token] = JSON.parse(text) as [string, string, string];
      held.push({ queue, id, token, deadline });
    }
    return held;
  }
}

/** Where a row begins, in steps of 4 bytes. */
const startOf = (row: number): number => (HEADER_BYTES + row * ROW_BYTES) / 4;
