import { defineCommand } from '../framework/define-command.ts';

export const dev = defineCommand({
  name: 'dev',
  group: 'Run',
  summary: 'Redis, server and worker in one terminal, reloaded on save',
  description: `Starts a local Redis if none is configured, jq serve and jq work. A change in the handlers' folder or of the configuration
file starts both anew; running jobs end in the old worker. A configuration that is wrong leaves the old ones running.`,
  arguments: {},
  options: ['server.host', 'server.port', 'work.concurrency', 'work.queues', 'work.grace', 'handlers', 'log.level'],
  flags: {},
  examples: [{ run: 'jq dev', says: 'until Ctrl-C' }],
  handlesSignals: true,
  async run(context) {
    const { runDev } = await import('./run-dev.ts');
    return runDev(context);
  },
});
