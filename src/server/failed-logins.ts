import { normalizeIP } from '@fastify/rate-limit';
import { monotonicMs } from '../lib/clock.ts';

/** Wrong keys that an address may send in a minute. */
const ALLOWED = 10;
const WINDOW_MS = 60_000;
/** Addresses that are told apart; beyond, they share one count. */
const TOLD_APART = 10_000;

/**
 * Counts wrong keys by address, in this process: a flood of them must not reach Redis. Who has a right key is let in
 * all the same, since many callers may share an address.
 */
export function createFailedLogins() {
  let counts = new Map<string, number>();
  let endsAt = 0;
  /** The name under which an address is counted, in the minute that is now. */
  function enter(address: string): string {
    if (monotonicMs() >= endsAt) {
      counts = new Map();
      endsAt = monotonicMs() + WINDOW_MS;
    }
    // One who has IPv6 has a block of addresses.
    const block = normalizeIP(address);
    return counts.has(block) || counts.size < TOLD_APART ? block : 'others';
  }
  return {
    count(address: string): void {
      const who = enter(address);
      counts.set(who, (counts.get(who) ?? 0) + 1);
    },
    /** In how many seconds this address may try another key; 0 is now. */
    secondsToWait(address: string): number {
      const who = enter(address);
      return (counts.get(who) ?? 0) < ALLOWED ? 0 : Math.ceil((endsAt - monotonicMs()) / 1000);
    },
  };
}
