import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HandlerContext } from 'jobqueue';
import { openLedger } from '../ledger.ts';

export interface Payload {
  /** The idempotency key under which the job was enqueued: its name in the ledgers. */
  key: string;
  /** How long its work takes. */
  workMs: number;
  /** How long it was to wait. */
  delayMs: number;
}

/** What `once` records, and the job returns. */
export interface Receipt {
  value: string;
}

// The run is told by a variable of the environment where its ledgers are.
const folder = process.env.FAULTS_FOLDER!;
const handled = openLedger(folder, 'handled');
const effects = openLedger(folder, 'effects');

/** The real time, also where the clock is set while jobs run. */
const realNow = (): number => Math.round(performance.timeOrigin + performance.now());

/** A failure that is the handler's own. */
export class OwnFailure extends Error {}

/** Writes down that a run has begun, before anything else can happen. */
export function observeStart({ key }: Payload, { job }: HandlerContext): string {
  const run = randomUUID();
  handled({ fact: 'start', key, run, pid: `${process.pid}`, type: job.type, at: realNow() });
  return run;
}

/** Does half of the work, one effect, the other half, and writes down how that ends. `work` may throw an {@link OwnFailure}. */
export async function observe(
  payload: Payload,
  context: HandlerContext,
  work: () => void = () => {},
): Promise<Receipt> {
  const { key, workMs } = payload;
  const { signal } = context;
  const run = observeStart(payload, context);
  const write = (fact: 'end' | 'failure' | 'abort' | 'letdown') => handled({ fact, key, run, at: realNow() });
  try {
    work();
    if (workMs > 0) await sleep(workMs / 2, undefined, { signal });
    const receipt = await context.once('effect', ({ fence, uncertain }) => {
      const value = randomUUID();
      effects({ fact: 'effect', key, value, fence: `${fence}`, uncertain: String(uncertain), at: realNow() });
      return { value };
    });
    effects({ fact: 'recorded', key, value: receipt.value, at: realNow() });
    if (workMs > 0) await sleep(workMs / 2, undefined, { signal });
    write('end');
    return receipt;
  } catch (error) {
    write(error instanceof OwnFailure ? 'failure' : signal.aborted ? 'abort' : 'letdown');
    throw error;
  }
}
