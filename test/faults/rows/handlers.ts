import type { Fault } from '../fault.ts';

/** What handlers do to the process that they run in. */
export const HANDLER_FAULTS: readonly Fault[] = [
  {
    name: 'hang',
    among: 'hang',
    does: 'handlers that never settle and do not listen',
    expects: 'they are dead of their timeouts, their slots are free, the other jobs run',
    times: { short: 4, normal: 12, long: 50 },
    async inflict(arena) {
      await arena.untilProduced(1);
      return [];
    },
  },
  {
    name: 'spin',
    among: 'spin',
    does: 'handlers that keep the processor for ever',
    expects: 'they are dead of their timeouts, the other jobs run',
    times: { short: 1, normal: 3, long: 10 },
    async inflict(arena) {
      await arena.untilProduced(1);
      return [];
    },
  },
  {
    name: 'poison',
    among: 'poison',
    does: 'handlers that take their process with them',
    expects: 'they are dead after a few crashes, the other jobs run',
    times: { short: 1, normal: 2, long: 10 },
    async inflict(arena) {
      await arena.untilProduced(1);
      return [];
    },
  },
];
