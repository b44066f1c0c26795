/** From so many on, where batches wait for each other, the first is half of them: then both ends have something to do at once. */
const WORTH_HALVING = 8;
const LARGEST = 200;

export interface BatcherOptions {
  /** Batches without an answer beyond which the next one waits. */
  mostUnderWay?: number;
  /** So many are not kept for the end of the turn: the other end may as well begin. */
  enough?: number;
}

interface Pending<Item, Answer> {
  item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Gathers single calls into calls with many items, which `send` answers in order. One that comes alone is sent at the end
 * of this turn of the event loop: nothing waits for company.
 */
export function createBatcher<Item, Answer>(
  send: (items: readonly Item[]) => Promise<readonly Answer[]>,
  { mostUnderWay = Infinity, enough = Infinity }: BatcherOptions = {},
): (item: Item) => Promise<Answer> {
  let pending: Pending<Item, Answer>[] = [];
  let underWay = 0;
  let isScheduled = false;

  function flush(): void {
    isScheduled = false;
    while (pending.length > 0 && underWay < mostUnderWay) {
      const isHalved = mostUnderWay < Infinity && underWay === 0 && pending.length >= WORTH_HALVING;
      const size = Math.min(isHalved ? Math.ceil(pending.length / 2) : pending.length, LARGEST);
      const batch = pending.slice(0, size);
      pending = pending.slice(size);
      underWay += 1;
      void deliver(batch);
    }
  }
  async function deliver(batch: readonly Pending<Item, Answer>[]): Promise<void> {
    try {
      const answers = await send(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(answers[index]!));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    underWay -= 1;
    schedule();
  }
  function schedule(): void {
    if (isScheduled || pending.length === 0 || underWay >= mostUnderWay) return;
    isScheduled = true;
    setImmediate(flush);
  }
  return (item) =>
    new Promise((resolve, reject) => {
      pending.push({ item, resolve, reject });
      if (pending.length >= enough) flush();
      else schedule();
    });
}
