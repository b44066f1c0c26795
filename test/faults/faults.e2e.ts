import { expect, inject, it } from 'vitest';
import { FAULTS, SHORT_FAULTS } from './faults.ts';
import { CAN_FIND_PROCESSES } from './processes.ts';
import { runFault } from './run-fault.ts';

// Always the same plan here; `npm run faults` draws a new one each time.
const seed = '7';

// Most of the time is spent waiting for locks to end, so they wait together.
it.skipIf(!CAN_FIND_PROCESSES).concurrent.for(FAULTS.filter(({ name }) => SHORT_FAULTS.includes(name)))(
  'survives $name',
  { timeout: 120_000 },
  async (fault) => {
    const { wrong, counts } = await runFault(fault, { seed, length: 'short', program: inject('program') });
    expect(wrong).toEqual([]);
    expect(counts!.acknowledged).toBe(counts!.tried);
  },
);
