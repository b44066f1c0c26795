import { assertCanConfirm, confirm, CONFIRM_FLAGS } from '../framework/confirm.ts';
import { defineCommand } from '../framework/define-command.ts';
import { jsonText } from '../framework/json-text.ts';

export const keysRevoke = defineCommand({
  name: 'revoke',
  summary: 'end an API key; servers that run know it within a second',
  arguments: { key: { label: 'NAME|ID', description: 'Of the key', required: true } },
  options: [],
  flags: CONFIRM_FLAGS,
  examples: [{ run: 'jq keys revoke shop', says: 'after a question' }],
  async run(context, { args: { key: nameOrId }, flags: { yes } }) {
    assertCanConfirm(context, { yes });
    const { findApiKey, listApiKeys, revokeApiKey } = await import('../../src/jobs/api-keys.ts');
    const project = await context.project();
    const key = await findApiKey(project, nameOrId);
    await confirm(context, `Revoke the key ${key.name} (${key.scopes.join(', ')}) in ${project.broker.target.label}?`, {
      yes,
    });
    await revokeApiKey(project, key);
    if (context.output.startsWith('json')) context.print(jsonText({ revoked: key.id }));
    else context.print(context.forPerson ? `Revoked ${key.name}` : key.id);
    if ((await listApiKeys(project)).length > 0) return;
    context.note(
      'That was the last key: a server that starts now on this machine alone asks for none, and takes calls from every program on it',
    );
  },
});
