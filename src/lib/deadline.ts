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
  reject(error: Error): void;
}

/** @param tooLate makes what a promise is rejected with that takes longer than `ms` */
export function createDeadline(ms: number, tooLate: () => Error): Deadline {
  // The oldest comes first.
  const watched = new Set<Watched>();
  let timer: NodeJS.Timeout | undefined;
  let overdue = 0;

  function look(): void {
    timer = undefined;
    for (const each of watched) {
      const left = each.endsAt - monotonicMs();
      if (left > 0) {
        timer = setTimeout(look, left);
        return;
      }
      watched.delete(each);
      each.isLate = true;
      overdue += 1;
      each.reject(tooLate());
    }
  }

  function settle(each: Watched): void {
    if (each.isLate) overdue -= 1;
    watched.delete(each);
    if (watched.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
  }

  return {
    get overdue() {
      return overdue;
    },
    watch: (work) =>
      new Promise((resolve, reject) => {
        const each: Watched = { endsAt: monotonicMs() + ms, isLate: false, reject };
        watched.add(each);
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
