import { expect, inject, it } from 'vitest';
import { FAULTS, SHORT_FAULTS } from './faults.ts';
import { CAN_FIND_PROCESSES } from './processes.ts';
import { runFault } from './run-fault.ts';

// A new one each time: what no seed has shown yet is worth knowing, and the name of a failed test says which it was.
const seed = String(process.hrtime.bigint() % 1_000_000n);

// Most of the time is spent waiting for locks to end, so they wait together.
it.skipIf(!CAN_FIND_PROCESSES).concurrent.for(FAULTS.filter(({ name }) => SHORT_FAULTS.includes(name)))(
  `survives $name (seed ${seed})`,
  { timeout: 120_000 },
  async (fault) => {
    const { wrong, counts } = await runFault(fault, { seed, length: 'short', program: inject('program') });
    expect(wrong).toEqual([]);
    expect(counts!.acknowledged).toBe(counts!.tried);
  },
);
