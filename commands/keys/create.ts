import { ABILITIES, scopeList } from '../../src/jobs/scopes.ts';
import { JobQueueError } from '../../src/errors.ts';
import { defineCommand } from '../framework/define-command.ts';
import { time } from '../framework/flag-kinds.ts';
import { jsonText } from '../framework/json-text.ts';

const MEANINGS = Object.entries(ABILITIES).map(([scope, { meaning }]) => `  ${scope.padEnd(15)}${meaning}`);

export const keysCreate = defineCommand({
  name: 'create',
  summary: 'make an API key, and show it once',
  description: `From the first key on, every server of this Redis asks for one. Scopes:
${MEANINGS.join('\n')}
  enqueue:QUEUE  add jobs to this queue; for such a key there are no other queues, whatever else it may do`,
  arguments: {
    name: { label: 'NAME', description: 'Who will use it: stands in logs and in the audit', required: true },
  },
  options: [],
  flags: {
    scope: {
      value: 'scopes',
      kind: scopeList,
      description: 'What it may do, separated by commas',
      complete: Object.keys(ABILITIES),
    },
    expires: { value: 'time', kind: time('ahead'), description: 'When it ends: 90d, 2030-01-31 (default: never)' },
  },
  examples: [
    { run: 'jq keys create shop --scope enqueue:mail', says: 'may add jobs to one queue' },
    { run: 'jq keys create grafana --scope read --expires 90d', says: 'may look, for three months' },
  ],
  async run(context, { args: { name }, flags: { scope: scopes, expires: expiresAt } }) {
    if (scopes === undefined) {
      throw new JobQueueError('USAGE', 'Expected --scope: what the key may do', {
        hint: `--scope ${scopeList.expected}`,
      });
    }
    const { createApiKey } = await import('../../src/jobs/api-keys.ts');
    const { key, record } = await createApiKey(await context.project(), { name, scopes, expiresAt });
    if (context.output.startsWith('json')) return context.print(jsonText({ ...record, key }));
    context.print(key);
    context.note(`This is the only time that it can be seen. To end it: jq keys revoke ${record.name}`);
  },
});
