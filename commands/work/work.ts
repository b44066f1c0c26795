import type { Logger } from 'pino';
import type { Project } from '../../src/jobs/project.ts';
import type { WorkRuntime } from '../../src/worker/work.ts';
import { renderDuration } from '../../src/lib/duration.ts';
import { cleanLine, count } from '../../src/lib/text.ts';
import type { Context } from '../framework/context.ts';
import { defineCommand } from '../framework/define-command.ts';
import { exitCodeOf } from '../framework/interrupts.ts';
import { createLog } from '../framework/log.ts';
import { ownCommand } from '../framework/own-command.ts';
import { WORK_OPTIONS, workerProcess } from './worker-process.ts';

export const work = defineCommand({
  name: 'work',
  group: 'Run',
  summary: 'run jobs',
  description: `Runs the handlers of this project. The first Ctrl-C or SIGTERM lets running jobs end, for at most the grace time, and puts back
what is left; the second one puts everything back at once. No attempt is lost by it.`,
  arguments: {},
  options: WORK_OPTIONS,
  flags: {
    drain: { description: 'End when the queues are empty' },
    inline: { description: 'Run everything in this one process, for debuggers' },
  },
  examples: [
    { run: 'jq work', says: 'all queues' },
    { run: 'jq work --concurrency 5', says: 'five jobs of each queue at a time' },
    { run: 'jq work --queues mail,default --drain', says: 'what there is in two queues, then end' },
  ],
  handlesSignals: true,
  async run(context, { flags: { drain, inline } }) {
    const project = await context.project('lasting');
    const log = await createLog(context, project.config.values);
    const runtime = await (inline
      ? startInline(project, { log, drain })
      : startProcesses(context, project, { log, drain }));
    announce(context, runtime, log);
    const graceMs = project.config.values.work.grace;
    let interrupts = 0;
    context.interrupts.onEach((times) => {
      interrupts = times;
      if (times === 1) void runtime.busy().then((busy) => context.note(renderPatience(busy, graceMs)));
      // Whatever goes wrong in stopping comes out of `stopped`.
      (times === 1 ? runtime.stop() : runtime.stopNow()).catch(() => {});
    });
    const { putBack } = await runtime.stopped;
    if (putBack > 0) context.note(`Put ${count(putBack, 'job')} back to wait`);
    return interrupts > 1 || (interrupts === 1 && putBack > 0) ? exitCodeOf(context.signal) : 0;
  },
});

export interface Start {
  log: Logger;
  drain: boolean;
}

async function startInline(project: Project, start: Start): Promise<WorkRuntime> {
  const { startWork } = await import('../../src/worker/work.ts');
  return startWork(project, start);
}

/** Starts what `jq work` is: a supervisor, and the processes that run the jobs. */
export async function startProcesses(context: Context, project: Project, { log, drain }: Start): Promise<WorkRuntime> {
  const { startSupervisor } = await import('../../src/worker/supervisor/supervisor.ts');
  const { processes } = project.config.values.work;
  const words = (index: number) => [String(index), String(processes), ...(drain ? ['--drain'] : [])];
  const programs = Array.from({ length: processes }, (_, index) => ownCommand(context, workerProcess, words(index)));
  return startSupervisor(project, { log, programs });
}

/** Says which queues and types are worked on. */
export function announce(
  context: Context,
  { slotsByQueue, types }: WorkRuntime,
  log: { info(fields: object, message: string): void },
): void {
  if (!context.stderr.isTTY) return log.info({ slots: slotsByQueue, types }, 'working');
  const queues = Object.entries(slotsByQueue).map(([queue, slots]) => `${queue} ${slots}`);
  const slots = Object.values(slotsByQueue).reduce((sum, each) => sum + each, 0);
  context.note(`Working on ${queues.join(', ')} (${count(slots, 'slot')})`);
  context.note(`Types: ${types.map(cleanLine).join(', ')}. Ctrl-C stops.`);
}

const renderPatience = (busy: number, graceMs: number): string =>
  busy === 0 ? 'stopping' : `finishing ${count(busy, 'job')}, up to ${renderDuration(graceMs)}, again to stop now`;
