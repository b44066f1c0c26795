import { cleanLine } from '../src/lib/text.ts';
import { defineCommand } from './framework/define-command.ts';

export const health = defineCommand({
  name: 'health',
  group: 'Inspect',
  summary: 'ask jq serve whether it can take jobs',
  description: `For checks of containers, which then need no other program: prints what the server of this machine answers, and ends with 1
unless that is yes.`,
  arguments: {},
  options: ['server.host', 'server.port'],
  flags: { live: { description: 'Ask only whether it is alive, whatever Redis does' } },
  examples: [
    { run: 'jq health', says: 'whether jobs can be taken' },
    { run: 'jq health --live --port 8080', says: 'whether the server on that port is alive' },
  ],
  async run(context, { flags: { live } }) {
    const { server } = (await context.loadConfig()).values;
    const { askHealth } = await import('../src/server/ask-health.ts');
    context.print(cleanLine(await askHealth(server, live ? '/livez' : '/readyz')));
  },
});
