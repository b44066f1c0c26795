import type { Fault } from './fault.ts';
import { CLUSTER_FAULTS } from './rows/cluster.ts';
import { CONNECTION_FAULTS } from './rows/connections.ts';
import { HANDLER_FAULTS } from './rows/handlers.ts';
import { MACHINE_FAULTS } from './rows/machine.ts';
import { PROCESS_FAULTS } from './rows/processes.ts';
import { REDIS_FAULTS } from './rows/redis.ts';
import { SENTINEL_FAULTS } from './rows/sentinel.ts';
import { STORM } from './rows/storm.ts';

/** Every fault that is tried. */
export const FAULTS: readonly Fault[] = [
  ...PROCESS_FAULTS,
  ...HANDLER_FAULTS,
  ...REDIS_FAULTS,
  ...SENTINEL_FAULTS,
  ...CLUSTER_FAULTS,
  ...CONNECTION_FAULTS,
  ...MACHINE_FAULTS,
  ...STORM,
];

/** Those whose counts `npm test` checks too, in their short form. */
export const SHORT_FAULTS: readonly string[] = [
  'worker-kill',
  'machine-gone',
  'sigterm',
  'script-flush',
  'redis-kill',
  'sentinel-failover',
  'cluster-failover',
  'producer-kill',
  'serve-kill',
  'clock-steps',
  'cut-after-answer',
];
