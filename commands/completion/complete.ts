import { sleep } from '../../src/lib/clock.ts';
import { cleanLine } from '../../src/lib/text.ts';
import type { Context } from '../framework/context.ts';
import { defineCommand } from '../framework/define-command.ts';
import { isForJsonTool } from '../framework/json-tool.ts';

const PATIENCE_MS = 300;
/** Says to the shell: complete names of files. */
const FILES = ':files';

/**
 * What the shells' completion scripts run: one candidate a line, a tab, its description. It is quick and silent whatever
 * is wrong: nobody who presses Tab wants an error.
 */
export const complete = defineCommand({
  name: '__complete',
  summary: 'what the last word can be completed to',
  arguments: { words: { label: 'WORD', description: 'The words after jq', variadic: true } },
  options: [],
  flags: {},
  examples: [],
  hidden: true,
  async run(context, { args: { words } }) {
    const { completeWords, starting } = await import('./complete-words.ts');
    if (isForJsonTool(words, context.env)) return context.print(FILES);
    const offer = completeWords(words);
    if (offer === 'files') return context.print(FILES);
    if (offer === 'fields') {
      const { completeFilter } = await import('./complete-filter.ts');
      for (const each of completeFilter(words.at(-1) ?? '')) context.print(`${each.word}\t${each.description}`);
      return;
    }
    const names = typeof offer === 'string' ? await Promise.race([namesOf(context, offer), sleep(PATIENCE_MS)]) : offer;
    const candidates = (names ?? []).map((each) => (typeof each === 'string' ? { word: each, description: '' } : each));
    for (const { word, description } of starting(words.at(-1) ?? '', candidates))
      context.print(`${cleanLine(word)}\t${description}`);
  },
});

async function namesOf(context: Context, kind: 'types' | 'queues'): Promise<string[]> {
  try {
    return kind === 'types' ? await typesOf(context) : await queuesOf(context);
  } catch {
    return [];
  }
}

async function typesOf(context: Context): Promise<string[]> {
  const path = await import('node:path');
  const { findHandlers } = await import('../../src/handlers/find-handlers.ts');
  const { folder, values } = await context.loadConfig();
  return [...(await findHandlers(path.resolve(folder, values.handlers))).keys()];
}

/** Those that the configuration names, and those in a Redis that runs already: Tab starts none. */
async function queuesOf(context: Context): Promise<string[]> {
  const { localRedisFolder } = await import('../../src/broker/local-redis/folder.ts');
  const { isInhabited } = await import('../../src/broker/local-redis/presence.ts');
  const { folder, values } = await context.loadConfig();
  const configured = ['default', ...Object.keys(values.queues)];
  if (values.redis.url === undefined && !isInhabited(localRedisFolder(folder))) return configured;
  const { knownQueues } = await import('../../src/broker/queues.ts');
  const known = await Promise.race([
    context.project().then(({ broker }) => knownQueues(broker)),
    sleep(PATIENCE_MS / 2),
  ]).catch(() => []);
  return [...new Set([...configured, ...(known ?? [])])];
}
