import { sleep } from '../../../src/lib/clock.ts';
import { type Fault, throughout } from '../fault.ts';

/** What happens between Redis and the programs. */
export const CONNECTION_FAULTS: readonly Fault[] = [
  {
    name: 'cut-after-request',
    does: 'a connection breaks when Redis has carried out what it asked for; the answer is lost',
    expects: 'no more than the counts',
    times: { short: 10, normal: 40, long: 200 },
    limitsLines: true,
    async inflict(arena, times) {
      await throughout(arena, times, () => arena.cut('after-request'));
      return [];
    },
  },
  {
    name: 'cut-after-answer',
    does: 'a connection breaks as soon as an answer has arrived',
    expects: 'no more than the counts',
    times: { short: 10, normal: 40, long: 200 },
    limitsLines: true,
    async inflict(arena, times) {
      await throughout(arena, times, () => arena.cut('after-answer'));
      return [];
    },
  },
  {
    name: 'black-hole',
    does: 'all connections go silent for good without being closed; new ones work',
    expects: 'what was in flight is done within 45 s: 15 s to notice, 30 s as after any death',
    times: { short: 1, normal: 1, long: 5 },
    limitsLines: true,
    mayOverlap: true,
    recovery: { of: 'finish', withinMs: 45_000 },
    async inflict(arena, times) {
      await throughout(arena, times, () => arena.strike(() => arena.proxy.silence()));
      return [];
    },
  },
  {
    name: 'latency',
    does: 'every answer and every request comes 100 ms late, for 10 s',
    expects: 'slower, and nothing else: no job runs twice',
    times: { short: 1, normal: 1, long: 3 },
    limitsLines: true,
    async inflict(arena, times) {
      // No strike: it explains no duplicate.
      await throughout(arena, times, async () => {
        arena.proxy.delay(100);
        await sleep(10_000);
        arena.proxy.delay(0);
      });
      return [];
    },
  },
];
