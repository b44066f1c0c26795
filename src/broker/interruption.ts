/** Why a running attempt is to end before its time; what becomes of its job follows from the kind. */
export class Interruption extends Error {
  override readonly name = 'AbortError';
  readonly kind: 'timeout' | 'stopping' | 'cancelled' | 'lost-lock';

  constructor(kind: Interruption['kind'], message: string) {
    super(message);
    this.kind = kind;
    // Where it came about says nothing to those who read the history of the job.
    this.stack = `${this.name}: ${message}`;
  }
}
