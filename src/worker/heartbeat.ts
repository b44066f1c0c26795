import { hostname } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { Broker } from '../broker/broker.ts';
import { unwrap } from '../broker/redis.ts';
import {
  BEAT_MS,
  eraseBeats,
  FORGOTTEN_MS,
  forgetWorkers,
  type WorkerRecord,
  writeBeat,
} from '../broker/worker-records.ts';
import type { FigureBook } from './figures.ts';

/** The name of this worker process: `host/pid`. */
export const workerName = (): string => `${hostname()}/${process.pid}`;

/**
 * Says every two seconds that this worker lives, what it does, and what its jobs took: one pipeline. One that rests says
 * so every four. It owns timers; `stop` writes the last figures and takes the worker off the list. Redis away is no reason
 * to end: the next beat tells.
 */
export interface Heartbeat {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface HeartbeatFacts {
  slotsByQueue: Record<string, number>;
  busy(): number;
  state(): WorkerRecord['state'];
}

export function createHeartbeat(broker: Broker, facts: HeartbeatFacts, figures: FigureBook, log: Logger): Heartbeat {
  const startedAt = broker.clock.now();
  const delay = monitorEventLoopDelay({ resolution: 20 });
  let timers: NodeJS.Timeout[] = [];
  /** The last beat, unless the worker is not on the list. */
  let said: WorkerRecord | undefined;
  let isSkipped = false;

  async function send(commands: (string | number)[][]): Promise<void> {
    try {
      for (const reply of await broker.redis.pipeline(commands)) unwrap(reply);
    } catch (error) {
      log.debug({ err: error }, 'a heartbeat did not reach Redis');
    }
  }
  async function forget(): Promise<void> {
    await forgetWorkers(broker).catch((error: unknown) => log.debug({ err: error }, 'lost workers were not forgotten'));
  }
  async function beat(): Promise<void> {
    const news = figures.take(broker, false);
    const isResting = news.length === 0 && facts.busy() === 0 && said?.busy === 0 && said.state === facts.state();
    isSkipped = isResting && !isSkipped;
    if (isSkipped) return;
    const record: WorkerRecord = {
      id: workerName(),
      host: hostname(),
      pid: process.pid,
      slotsByQueue: facts.slotsByQueue,
      busy: facts.busy(),
      rssBytes: process.memoryUsage.rss(),
      // The resolution itself is no delay.
      loopDelayMs: Math.max(0, Math.round(delay.percentile(99) / 1e6 - 20)),
      startedAt,
      beatAt: broker.clock.now(),
      state: facts.state(),
      tally: figures.tally(),
    };
    said = record;
    delay.reset();
    await send([writeBeat(broker, record), ...news]);
  }

  return {
    async start() {
      if (timers.length > 0) return;
      delay.enable();
      timers = [setInterval(() => void beat(), BEAT_MS), setInterval(() => void forget(), FORGOTTEN_MS)];
      await Promise.all([beat(), forget()]);
    },
    async stop() {
      if (timers.length === 0) return;
      for (const timer of timers) clearInterval(timer);
      timers = [];
      said = undefined;
      delay.disable();
      await send([...figures.take(broker, true), eraseBeats(broker, [workerName()])]);
    },
  };
}
