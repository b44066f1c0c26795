import type { ApiKey } from '../../src/jobs/api-keys.ts';
import { now } from '../../src/lib/clock.ts';
import { renderApproximateDuration } from '../../src/lib/duration.ts';
import { defineCommand } from '../framework/define-command.ts';
import { type Column, printRows } from '../framework/print-rows.ts';

const COLUMNS: readonly Column<ApiKey>[] = [
  { title: 'ID', value: (key) => key.id },
  { title: 'NAME', value: (key) => key.name, flexible: true },
  { title: 'SCOPES', value: (key) => key.scopes.join(','), flexible: true },
  { title: 'CREATED', value: (key) => key.createdAt },
  { title: 'USED', value: (key) => key.lastUsedAt },
  { title: 'EXPIRES', value: (key) => key.expiresAt, show: (key) => untilText(key.expiresAt) },
];

function untilText(expiresAt: Date | null): string {
  if (expiresAt === null) return 'never';
  const left = expiresAt.getTime() - now();
  return left <= 0 ? 'expired' : `in ${renderApproximateDuration(left)}`;
}

export const keysList = defineCommand({
  name: 'list',
  summary: 'list the API keys, what they may do and when they were used last',
  arguments: {},
  options: [],
  flags: {},
  examples: [{ run: 'jq keys list', says: 'the keys themselves are nowhere, not even in Redis' }],
  async run(context) {
    const { listApiKeys } = await import('../../src/jobs/api-keys.ts');
    const rows = await listApiKeys(await context.project());
    printRows(context, {
      columns: COLUMNS,
      rows,
      json: rows,
      id: (key) => key.id,
      empty: 'No API keys: jq serve takes calls from this machine only, and from every program on it',
    });
  },
});
