import { type Option, OPTIONS } from '../src/options.ts';
import type { Context } from './framework/context.ts';
import { defineCommand } from './framework/define-command.ts';
import { exitCodeOf } from './framework/interrupts.ts';
import { createLog } from './framework/log.ts';
import { announce, startProcesses } from './work/work.ts';

const WORKER_OPTIONS = ['work.concurrency', 'work.processes', 'work.queues', 'work.grace'] as const;

export const serve = defineCommand({
  name: 'serve',
  group: 'Run',
  summary: 'take jobs in and answer questions over HTTP',
  description: `Prints its URL when it listens. Ctrl-C or SIGTERM lets running requests end, and with --with-workers then running jobs;
the second one ends it at once.`,
  arguments: {},
  options: ['server.host', 'server.port', 'handlers', 'log.level', ...WORKER_OPTIONS],
  flags: { withWorkers: { description: 'Run jobs too, as jq work does' } },
  examples: [
    { run: 'jq serve', says: 'on http://127.0.0.1:3000' },
    { run: 'jq serve --port 0', says: 'on a free port' },
    { run: 'jq serve --with-workers --concurrency 5', says: 'and run jobs: all of it in one command' },
  ],
  handlesSignals: true,
  async run(context, { flags: { withWorkers } }) {
    if (!withWorkers) warnOfIdleFlags(context);
    const project = await context.project('lasting');
    const log = await createLog(context, project.config.values);
    // The worker first: what it refuses to start for is known before anybody sends jobs.
    const worker = withWorkers ? await startProcesses(context, project, { log, drain: false }) : undefined;
    const { startServer } = await import('../src/server/server.ts');
    const server = await startServer(project, { log }).catch(async (error: unknown) => {
      await worker?.stopNow();
      throw error;
    });
    if (worker) announce(context, worker, log);
    context.print(context.output.startsWith('json') ? JSON.stringify({ url: server.url }) : server.url);

    async function stop(): Promise<number> {
      await server.stop();
      await worker?.stop();
      const putBack = (await worker?.stopped)?.putBack ?? 0;
      return putBack > 0 ? exitCodeOf(context.signal) : 0;
    }
    async function stopNow(): Promise<number> {
      await worker?.stopNow();
      return exitCodeOf(context.signal);
    }
    const { promise: exitCode, resolve, reject } = Promise.withResolvers<number>();
    worker?.stopped.catch(reject);
    context.interrupts.onEach((times) => void (times === 1 ? stop() : stopNow()).then(resolve, reject));
    return exitCode;
  },
});

/** A flag that nobody listens to is a mistake, but no reason not to serve. */
function warnOfIdleFlags(context: Context): void {
  for (const key of WORKER_OPTIONS.filter((each) => context.options[each] !== undefined)) {
    const { flag }: Option = OPTIONS[key];
    context.note(`warning: ${flag!.split(' ')[0]} does nothing without --with-workers`);
  }
}
