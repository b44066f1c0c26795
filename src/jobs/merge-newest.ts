/**
 * The first jobs of several lists in one, the newest first as far as the order within each list allows. That order is
 * Redis': were it changed, a job could stand on two pages or on none.
 */
export function mergeNewest<Job>(lists: readonly Job[][], timeOf: (job: Job) => number, amount: number): Job[] {
  const merged: Job[] = [];
  // The next one of each stands last.
  let rest = lists.map((list) => list.toReversed());
  for (;;) {
    rest = rest.filter((list) => list.length > 0);
    if (rest.length === 0 || merged.length === amount) return merged;
    const newest = rest.reduce((best, list) => (timeOf(list.at(-1)!) > timeOf(best.at(-1)!) ? list : best));
    merged.push(newest.pop()!);
  }
}
