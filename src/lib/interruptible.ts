/**
 * Something that may be told, once, to end before its time. Its signal is made when somebody first asks for it: most
 * never do, and an AbortSignal costs more than all the rest of a short job.
 */
export class Interruptible<Why extends Error> {
  #why: Why | undefined;
  #controller: AbortController | undefined;
  #listener: ((why: Why) => void) | undefined;
  #told: Promise<Why> | undefined;

  /** The first reason that it was given, if any. */
  get why(): Why | undefined {
    return this.#why;
  }

  /** Aborts with the reason. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#why) this.#controller.abort(this.#why);
    }
    return this.#controller.signal;
  }

  /** Resolves with the reason; most often it never does. */
  get told(): Promise<Why> {
    return (this.#told ??= new Promise((resolve) => this.onInterrupt(resolve)));
  }

  /** Calls back with the reason, at once when there is one. */
  onInterrupt(listener: (why: Why) => void): void {
    if (this.#why) return listener(this.#why);
    const former = this.#listener;
    this.#listener = former ? (why) => (former(why), listener(why)) : listener;
  }

  interrupt(why: Why): void {
    if (this.#why) return;
    this.#why = why;
    this.#controller?.abort(why);
    this.#listener?.(why);
  }
}
