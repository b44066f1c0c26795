import { audit } from './audit/audit.ts';
import { bench } from './bench.ts';
import { complete } from './completion/complete.ts';
import { completion } from './completion/completion.ts';
import { config } from './config/config.ts';
import { dev } from './dev/dev.ts';
import { dlq } from './dlq/dlq.ts';
import { enqueue } from './enqueue/enqueue.ts';
import type { Command, CommandGroup } from './framework/define-command.ts';
import { health } from './health.ts';
import { help } from './help/help.ts';
import { init } from './init/init.ts';
import { jobs } from './jobs/jobs.ts';
import { keys } from './keys/keys.ts';
import { queues } from './queues/queues.ts';
import { serve } from './serve.ts';
import { stats } from './stats.ts';
import { top } from './top.ts';
import { work } from './work/work.ts';
import { workerProcess } from './work/worker-process.ts';
import { workers } from './workers/workers.ts';

/** Every command, in the order in which help lists them. */
export const COMMANDS: readonly (Command | CommandGroup)[] = [
  dev,
  serve,
  work,
  bench,
  enqueue,
  top,
  stats,
  health,
  jobs,
  queues,
  workers,
  dlq,
  audit,
  init,
  config,
  keys,
  completion,
  help,
  complete,
  workerProcess,
];
