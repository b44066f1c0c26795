import { defineCommand } from './framework/define-command.ts';
import { exitCodeOf } from './framework/interrupts.ts';
import { createLog } from './framework/log.ts';

export const serve = defineCommand({
  name: 'serve',
  group: 'Run',
  summary: 'take jobs in and answer questions over HTTP',
  description:
    'Prints its URL when it listens. Ctrl-C or SIGTERM lets running requests end; the second one ends it at once.',
  arguments: {},
  options: ['server.host', 'server.port', 'handlers', 'log.level'],
  flags: {},
  examples: [
    { run: 'jq serve', says: 'on http://127.0.0.1:3000' },
    { run: 'jq serve --port 0', says: 'on a free port' },
  ],
  handlesSignals: true,
  async run(context) {
    const project = await context.project('lasting');
    const { startServer } = await import('../src/server/server.ts');
    const server = await startServer(project, { log: await createLog(context, project.config.values) });
    context.print(context.output.startsWith('json') ? JSON.stringify({ url: server.url }) : server.url);
    const { promise: stopped, resolve, reject } = Promise.withResolvers<number>();
    context.interrupts.onEach((times) => {
      if (times === 1) server.stop().then(() => resolve(0), reject);
      else resolve(exitCodeOf(context.signal));
    });
    return stopped;
  },
});
