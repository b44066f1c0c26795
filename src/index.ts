/**
 * jobqueue for handler authors: `import { defineHandler } from 'jobqueue'`.
 *
 * A **job** is one unit of work: a *type*, a JSON *payload*, options. Its type names the **handler**: one file in
 * `handlers/`. An **attempt** is one run of a handler for a job. A **dead letter** is a job that failed for good.
 */
export { defineConfig } from './config/define-config.ts';
export type { ConfigInput } from './options.ts';
export {
  defineHandler,
  type Backoff,
  type Handler,
  type HandlerContext,
  type HandlerOptions,
  type JobInfo,
  type JobLog,
  type JobOptions,
  type OnceStep,
} from './handlers/define-handler.ts';
export { Discard, Snooze } from './handlers/outcomes.ts';
export type { Duration } from './lib/duration.ts';
