import { expect, inject, it } from 'vitest';
import { FAULTS, SHORT_FAULTS } from './faults.ts';
import { CAN_FIND_PROCESSES } from './processes.ts';
import { runFault } from './run-fault.ts';

// Always the same plan here; `npm run faults` draws a new one each time.
const seed = '7';

/** A machine that tests share is slow now and then; how soon things recover is measured in the long forms. */
const FAR_TOO_LATE = 10;

// Most of the time is spent waiting for locks to end, so they wait together.
it.skipIf(!CAN_FIND_PROCESSES).concurrent.for(FAULTS.filter(({ name }) => SHORT_FAULTS.includes(name)))(
  'survives $name',
  { timeout: 120_000 },
  async (fault) => {
    const {
      wrong,
      late,
      counts,
      recoveryMs = 0,
    } = await runFault(fault, { seed, length: 'short', program: inject('program') });
    expect(wrong).toEqual([]);
    expect(counts!.acknowledged + counts!.givenUp).toBe(counts!.tried);
    expect(recoveryMs, String(late)).toBeLessThan(FAR_TOO_LATE * (fault.recovery?.withinMs ?? Infinity));
  },
);
