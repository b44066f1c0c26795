import { fulfilsWithin } from '../../lib/fulfils-within.ts';
import { Interruptible } from '../../lib/interruptible.ts';
import type { Json } from '../../lib/json.ts';
import type { Broker } from '../broker.ts';
import type { JobExtras } from '../new-job.ts';
import { Interruption } from '../interruption.ts';
import type { Hold, LockKeeper } from '../locks/lock-keeper.ts';
import { createEngineBackend } from './engine-backend.ts';
import { createEngineConnection } from '../engine-connection.ts';
import { SlotWorker } from './slot-worker.ts';
import type { Taken } from './taken.ts';

/** How long a lock lasts that nobody keeps. */
export const LOCK_MS = 15_000;

// BullMQ's defaults lose or bury healthy jobs when workers come and go; each of these says otherwise.
const SETTINGS = {
  lockDuration: LOCK_MS,
  stalledInterval: 5000,
  // A job whose worker died has done nothing wrong. Short of a poison job it must never be buried for that.
  maxStalledCount: 25,
  drainDelay: 5,
  runRetryDelay: 1000,
  // So soon a worker that waits for its rate sees that another one holds.
  maximumRateLimitDelay: 1000,
} as const;

const FAREWELL_MS = 2500;
const LAST_WORDS_MS = 500;

/** One attempt of one job, as BullMQ hands it out. */
export interface Delivery {
  readonly id: string;
  readonly type: string;
  readonly queue: string;
  readonly payload: Json;
  /** From 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly createdAt: Date;
  /** When it became due: it waits for a worker since then. */
  readonly dueAt: Date;
  /** Rises with every start of the job, also over replays: 1 is its very first. */
  readonly fence: number;
  readonly extras: Partial<JobExtras>;
  /** It was in hand when a worker ended: it may be what ended it. */
  readonly isSuspect: boolean;
  /** Tells the attempt to end before its time. */
  readonly interruption: Interruptible<Interruption>;
  /** From then on (uptime in ms) the attempt is over, whatever its handler does. */
  setDeadline(uptime: number): void;
  log(line: string): Promise<void>;
  progress(percent: number): Promise<void>;
}

/** How an attempt ended; the consumer makes BullMQ's state of it. */
export type AttemptEnd =
  | { kind: 'completed'; result: unknown }
  /** `final`: no attempts more, whatever is left. `stack` is stored as the line of history. */
  | { kind: 'failed'; message: string; stack: string; final: boolean }
  /** Again after so long; the attempt does not count. */
  | { kind: 'postponed'; delayMs: number }
  /** Back to wait at once; the attempt does not count. */
  | { kind: 'returned' }
  /** The lock was lost: the job is not ours any more, nothing is written. */
  | { kind: 'lost' };

export interface ConsumerOptions {
  queue: string;
  concurrency: number;
  rateLimit?: { max: number; perMs: number } | undefined;
  keepCompleted: { ageMs: number; count: number };
  /** Keeps the locks; without one, BullMQ does it on this thread. */
  locks?: LockKeeper | undefined;
  run(delivery: Delivery): Promise<AttemptEnd>;
  /** Trouble with Redis or with a lock; the consumer goes on by itself. */
  onError(error: Error): void;
}

/** The worker of one queue. It owns two connections; `start` once, then `quiet` (takes no more), then `stop`. */
export interface Consumer {
  readonly queue: string;
  /** What the tokens of its locks begin with. */
  readonly holder: string;
  start(): Promise<void>;
  /** How many jobs it runs at a time, from now on. */
  setConcurrency(concurrency: number): void;
  quiet(): void;
  /** The jobs that run now. */
  running(): readonly string[];
  /** Tells a running job to end; @returns whether it runs here */
  interrupt(id: string, why: Interruption): boolean;
  /** Puts a running job back to wait though its handler goes on: for a handler that does not listen to its signal. */
  putBack(id: string): Promise<void>;
  stop(): Promise<void>;
}

/** What a slot has in hand. The lock outlasts the run: a result that is on its way to Redis needs it until it has arrived. */
interface Hand {
  readonly taken: Taken;
  readonly token: string;
  readonly interruption: Delivery['interruption'];
  hold: Hold | undefined;
  isRunning: boolean;
}

export function createConsumer({ target, keys, clock }: Broker, options: ConsumerOptions): Consumer {
  const { queue, locks, rateLimit } = options;
  const keepCompleted = { age: Math.ceil(options.keepCompleted.ageMs / 1000), count: options.keepCompleted.count };
  const limiter = rateLimit && { max: rateLimit.max, duration: rateLimit.perMs };
  let closing: Promise<void> | undefined;
  // By token: that of a slot stays the same, so that the map does, too. One that gets a key for each job grows anew all the
  // time, and V8 keeps what the former ones held until the next full collection.
  const hands = new Map<string, Hand>();
  const handsOf = (id: string): Hand[] =>
    [...hands.values()]
      .filter((hand) => hand.isRunning && hand.taken.id === id)
      .toSorted((one, other) => one.taken.attemptsStarted - other.taken.attemptsStarted);
  async function run(taken: Taken, token: string): Promise<AttemptEnd> {
    const { id } = taken;
    const interruption = new Interruptible<Interruption>();
    const hold = locks && (locks.hold({ queue, id, token }) ?? holdHere(taken, token));
    const hand: Hand = { taken, token, interruption, hold, isRunning: true };
    hands.set(token, hand);
    try {
      return await options.run(new TakenDelivery(queue, taken, interruption, hold));
    } finally {
      hand.isRunning = false;
    }
  }
  function release(token: string): void {
    const hand = hands.get(token);
    hand?.hold?.release();
    if (hand) hand.hold = undefined;
  }
  const releaseJob = (id: string): void => {
    for (const { taken, token } of hands.values()) if (taken.id === id) release(token);
  };
  const engine = createEngineConnection(target, { maxRetriesPerRequest: null });
  const worker = new SlotWorker(
    keys.engineName(queue),
    {
      finisher: { keys, clock, queue, lockMs: LOCK_MS, keepCompleted, limiter },
      run,
      release,
      leave: (token) => hands.delete(token),
    },
    {
      ...SETTINGS,
      autorun: false,
      skipLockRenewal: locks !== undefined,
      connection: engine.connection,
      prefix: keys.prefix,
      concurrency: options.concurrency,
      removeOnComplete: keepCompleted,
      ...(limiter ? { limiter } : {}),
    },
    createEngineBackend({ clock, onRefused: releaseJob }),
  );
  worker.on('error', options.onError);
  worker.on('failed', (job) => job && releaseJob(job.id!));
  const interrupt = (id: string, why: Interruption): boolean => {
    const concerned = handsOf(id);
    for (const { interruption } of concerned) interruption.interrupt(why);
    return concerned.length > 0;
  };
  // Should the job have been started again here, it is the former attempt whose lock is gone.
  const loseLock = (id: string): void =>
    handsOf(id)[0]?.interruption.interrupt(new Interruption('lost-lock', `The lock of job ${id} was lost`));
  worker.on('lockRenewalFailed', (ids) => ids.forEach(loseLock));
  locks?.onLost((job) => job.queue === queue && loseLock(job.id));

  const running = (): string[] => [...hands.values()].flatMap(({ isRunning, taken }) => (isRunning ? taken.id : []));
  // BullMQ's pause would still take the one job for which its blocking read is waiting, such as one that is put back.
  const quiet = (): void => void (closing ??= worker.close());

  return {
    queue,
    holder: worker.id,
    async start() {
      await worker.waitUntilReady();
      worker.run().catch(options.onError);
    },
    setConcurrency(concurrency) {
      worker.concurrency = concurrency;
      worker.lookAgain();
    },
    quiet,
    running,
    interrupt,
    async putBack(id) {
      const hand = handsOf(id).at(-1);
      if (hand) await hand.taken.engineJob().moveToWait(hand.token);
    },
    async stop() {
      quiet();
      // Results that are on their way to Redis must arrive; a handler that never ends must not keep us, nor a Redis
      // that is away.
      const isClosed = await fulfilsWithin(closing!, running().length === 0 ? FAREWELL_MS : LAST_WORDS_MS);
      if (!isClosed) worker.disconnect().catch(options.onError);
      engine.close();
    },
  };
}

/** Keeps the lock of a job that the lock table has no row for: its id is too long. */
function holdHere(taken: Taken, token: string): Hold {
  // Should it fail, the lock ends, and what the job makes then is refused: nothing to do about it here.
  const extend = () => taken.engineJob().extendLock(token, LOCK_MS);
  const timer = setInterval(() => extend().catch(() => {}), LOCK_MS / 3);
  return { setDeadline() {}, release: () => clearInterval(timer) };
}

class TakenDelivery implements Delivery {
  readonly id: string;
  readonly type: string;
  readonly queue: string;
  readonly payload: Json;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly fence: number;
  readonly isSuspect: boolean;
  readonly extras: Partial<JobExtras>;
  readonly interruption: Interruptible<Interruption>;
  readonly #taken: Taken;
  readonly #hold: Hold | undefined;

  constructor(queue: string, taken: Taken, interruption: Interruptible<Interruption>, hold: Hold | undefined) {
    this.id = taken.id;
    this.type = taken.name;
    this.queue = queue;
    this.payload = taken.data;
    this.attempt = taken.attemptsMade + 1;
    this.maxAttempts = taken.options.maxAttempts;
    this.fence = taken.attemptsStarted;
    this.isSuspect = taken.stalledCounter > 0;
    this.extras = taken.options.extras;
    this.interruption = interruption;
    this.#taken = taken;
    this.#hold = hold;
  }

  get createdAt(): Date {
    return new Date(this.#taken.timestamp);
  }
  get dueAt(): Date {
    return new Date(this.#taken.timestamp + this.#taken.options.delayMs);
  }
  setDeadline(uptime: number): void {
    this.#hold?.setDeadline(uptime);
  }
  async log(line: string): Promise<void> {
    await this.#taken.engineJob().log(line);
  }
  progress(percent: number): Promise<void> {
    return this.#taken.engineJob().updateProgress(percent);
  }
}
