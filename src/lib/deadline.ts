import { monotonicMs } from './clock.ts';

/** Watches over promises that have the same time each. One timer does for all of them: one each is dear where there are many. */
export interface Deadline {
  /** Settles as `work` does, or rejects when that takes too long. */
  watch<T>(work: Promise<T>): Promise<T>;
  /** How many have taken too long and are not settled yet. */
  readonly overdue: number;
}

interface Watched {
  readonly endsAt: number;
  isLate: boolean;
  /** Away once it is settled. */
  reject: ((error: Error) => void) | undefined;
}

/** So many settled ones are cut off at a time. */
const WORTH_CUTTING = 256;

/** @param tooLate makes what a promise is rejected with that takes longer than `ms` */
export function createDeadline(ms: number, tooLate: () => Error): Deadline {
  // The oldest comes first. No Set: where entries come and go all the time, the tables that it has outgrown keep each
  // other and what was in them alive until the next collection of the whole heap.
  let watched: Watched[] = [];
  /** Those before it are settled or late. */
  let first = 0;
  let timer: NodeJS.Timeout | undefined;
  let overdue = 0;

  function look(): void {
    timer = undefined;
    for (; first < watched.length; first += 1) {
      const each = watched[first]!;
      if (each.reject === undefined) continue;
      const left = each.endsAt - monotonicMs();
      if (left > 0) {
        timer = setTimeout(look, left);
        return;
      }
      each.isLate = true;
      overdue += 1;
      each.reject(tooLate());
      each.reject = undefined;
    }
  }

  function settle(each: Watched): void {
    if (each.isLate) overdue -= 1;
    each.reject = undefined;
    while (first < watched.length && watched[first]!.reject === undefined) first += 1;
    if (first === watched.length) {
      watched = [];
      first = 0;
      clearTimeout(timer);
      timer = undefined;
    } else if (first >= WORTH_CUTTING) {
      watched = watched.slice(first);
      first = 0;
    }
  }

  return {
    get overdue() {
      return overdue;
    },
    watch: (work) =>
      new Promise((resolve, reject) => {
        const each: Watched = { endsAt: monotonicMs() + ms, isLate: false, reject };
        watched.push(each);
        timer ??= setTimeout(look, ms);
        work.then(
          (value) => {
            settle(each);
            resolve(value);
          },
          (error: unknown) => {
            settle(each);
            reject(error as Error);
          },
        );
      }),
  };
}
