import type { Json } from '../lib/json.ts';

/** A job that is ready to be stored: nothing is optional that a default could fill, every time is a number of milliseconds. */
export interface NewJob {
  /** Made by us before the first try, so that a try whose answer got lost can be repeated without making a second job. */
  id: string;
  queue: string;
  type: string;
  payload: Json;
  createdAt: number;
  delayMs: number;
  /** 0 is none. */
  priority: number;
  attempts: number;
  backoff: { type: 'exponential' | 'fixed'; delayMs: number; jitter: number };
  keepCompleted: { ageMs: number; count: number };
  dedupe: { key: string; ttlMs: number | undefined } | undefined;
  /** Of a job whose id is made of an idempotency key: hash of what was asked for, and a mark of the call that asks. */
  idempotency: { fingerprint: string; call: string } | undefined;
  extras: JobExtras;
}

/** What BullMQ does not know: it rides in the job's options, under `jq`. */
export interface JobExtras {
  timeoutMs: number;
  /** Epoch milliseconds after which the job is not started any more. */
  expiresAt?: number;
  /** Who added it: a user and machine, an API key, or a job. */
  by?: string;
  /** Of a job with an idempotency key: hash of what was asked for. */
  fingerprint?: string;
}
