import type { OptionKey } from '../../src/options.ts';
import { integer } from '../../src/lib/value-kind.ts';
import { defineCommand } from '../framework/define-command.ts';
import { createLog } from '../framework/log.ts';
import { lockThread } from '../framework/own-command.ts';

export const WORK_OPTIONS = [
  'work.concurrency',
  'work.processes',
  'work.queues',
  'work.grace',
  'handlers',
  'log.level',
] as const satisfies OptionKey[];

/** What `jq work` starts: a process that runs jobs, and ends with its supervisor. */
export const workerProcess = defineCommand({
  name: '__worker',
  summary: 'one process of a worker',
  arguments: {
    index: { label: 'INDEX', description: 'Which process this is, from 0', required: true },
    of: { label: 'OF', description: 'How many there are', required: true },
  },
  options: WORK_OPTIONS,
  flags: { drain: { description: 'End when the queues are empty' } },
  examples: [],
  hidden: true,
  // Its supervisor hears them too, and decides.
  handlesSignals: true,
  async run(context, { args: { index, of }, flags: { drain } }) {
    const project = await context.project('lasting');
    const { runProcess } = await import('../../src/worker/supervisor/run-process.ts');
    const number = integer({ min: 0 });
    await runProcess(project, {
      log: await createLog(context, project.config.values),
      drain,
      share: { index: number.parse(index)!, of: number.parse(of)! },
      line: process,
      lockThread: lockThread(),
      die: () => process.kill(process.pid, 'SIGKILL') as never,
    });
  },
});
