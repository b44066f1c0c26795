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
const [PULSE] = [0];
const FREE = 0;
const HELD = 1;

/**
 * The jobs that a process has in hand, in memory that its main thread and its lock thread share: the main thread writes
 * a row before the handler starts, so that the lock is kept from then on whatever the handler does to its thread.
 * A row is: state (int32), length of the text (int32), deadline (float64, uptime in ms, 0 for none), text.
 */
export class LockTable {
  readonly buffer: SharedArrayBuffer;
  readonly #rows: number;
  readonly #bytes: Uint8Array;
  readonly #integers: Int32Array;
  readonly #numbers: Float64Array;
  /** Main thread only: where each job stands. */
  readonly #places = new Map<string, number>();

  constructor(rowsOrBuffer: number | SharedArrayBuffer) {
    this.buffer =
      typeof rowsOrBuffer === 'number' ? new SharedArrayBuffer(HEADER_BYTES + rowsOrBuffer * ROW_BYTES) : rowsOrBuffer;
    this.#rows = (this.buffer.byteLength - HEADER_BYTES) / ROW_BYTES;
    this.#bytes = new Uint8Array(this.buffer);
    this.#integers = new Int32Array(this.buffer);
    this.#numbers = new Float64Array(this.buffer);
  }

  /** Called by the main thread again and again: it is alive and free. */
  beat(): void {
    Atomics.store(this.#integers, PULSE, Math.trunc(uptimeMs()) | 0);
  }

  /** How long ago the main thread was free (ms). */
  silenceMs(): number {
    return ((Math.trunc(uptimeMs()) | 0) - Atomics.load(this.#integers, PULSE)) | 0;
  }

  /** @returns false when the table is full or the names are too long for it: the lock must be kept another way */
  hold(job: HeldJob): boolean {
    const text = Buffer.from(JSON.stringify([job.queue, job.id, job.token]));
    if (text.length > ROW_BYTES - 16) return false;
    for (let row = 0; row < this.#rows; row += 1) {
      const start = (HEADER_BYTES + row * ROW_BYTES) / 4;
      if (Atomics.load(this.#integers, start) !== FREE) continue;
      this.#bytes.set(text, start * 4 + 16);
      this.#integers[start + 1] = text.length;
      this.#numbers[start / 2 + 1] = 0;
      Atomics.store(this.#integers, start, HELD);
      this.#places.set(keyOf(job), start);
      return true;
    }
    return false;
  }

  /** From then on (uptime in ms) the attempt is over, whatever the handler does. */
  setDeadline(job: Pick<HeldJob, 'queue' | 'id'>, uptime: number): void {
    const start = this.#places.get(keyOf(job));
    if (start !== undefined) this.#numbers[start / 2 + 1] = uptime;
  }

  release(job: Pick<HeldJob, 'queue' | 'id'>): void {
    const start = this.#places.get(keyOf(job));
    if (start === undefined) return;
    this.#places.delete(keyOf(job));
    Atomics.store(this.#integers, start, FREE);
  }

  /** Every job in hand, and its deadline (0 for none). */
  read(): (HeldJob & { deadline: number })[] {
    const held: (HeldJob & { deadline: number })[] = [];
    for (let row = 0; row < this.#rows; row += 1) {
      const start = (HEADER_BYTES + row * ROW_BYTES) / 4;
      if (Atomics.load(this.#integers, start) !== HELD) continue;
      const text = Buffer.from(
        this.#bytes.slice(start * 4 + 16, start * 4 + 16 + this.#integers[start + 1]!),
      ).toString();
      const deadline = this.#numbers[start / 2 + 1]!;
      // Released and taken again while it was read: the next look will see the new one.
      if (Atomics.load(this.#integers, start) !== HELD) continue;
      try {
        const [queue, id, token] = JSON.parse(text) as [string, string, string];
        held.push({ queue, id, token, deadline });
      } catch {
        continue;
      }
    }
    return held;
  }
}

const keyOf = ({ queue, id }: Pick<HeldJob, 'queue' | 'id'>): string => `${queue} ${id}`;
