import { JobQueueError } from '../../src/errors.ts';
import { didYouMean } from '../../src/lib/nearest.ts';
import { defineCommand } from '../framework/define-command.ts';
import { TOPICS } from './topics.ts';

const NAMES = Object.keys(TOPICS);

export const help = defineCommand({
  name: 'help',
  group: 'Set up',
  summary: 'explain a command or a topic',
  description: `Topics: ${NAMES.join(', ')}.`,
  arguments: { words: { label: 'TOPIC', description: 'A command or a topic', variadic: true, complete: NAMES } },
  options: [],
  flags: {},
  examples: [
    { run: 'jq help exit-codes', says: 'a topic' },
    { run: 'jq help dlq replay', says: 'the same as jq dlq replay --help' },
  ],
  async run(context, { args: { words } }) {
    const { renderHelpOn } = await import('../framework/render-help.ts');
    const name = words.join(' ');
    const text = Object.hasOwn(TOPICS, name) ? TOPICS[name]!() : renderHelpOn(words);
    if (text === undefined) {
      throw new JobQueueError('USAGE', `There is no help on "${name}"`, {
        hint: didYouMean(name, NAMES) ?? `Topics: ${NAMES.join(', ')}`,
      });
    }
    context.stdout.write(text);
  },
});
