import { defineCommand } from '../framework/define-command.ts';
import { oneOf } from '../../src/lib/value-kind.ts';
import { JobQueueError } from '../../src/errors.ts';
import { didYouMean } from '../../src/lib/nearest.ts';
import { COMPLETION_SCRIPTS, SHELLS } from './scripts.ts';

const shells = oneOf(...SHELLS);

export const completion = defineCommand({
  name: 'completion',
  group: 'Set up',
  summary: 'print the completion script of a shell',
  description:
    'Completes commands, flags, and the names of types and queues, for jq and jobq. The script says how to install it.',
  arguments: { shell: { label: 'SHELL', description: SHELLS.join(', '), required: true, complete: SHELLS } },
  options: [],
  flags: {},
  examples: [{ run: 'source <(jq completion bash)', says: 'for this shell' }],
  async run(context, { args: { shell } }) {
    const known = shells.parse(shell);
    if (known === undefined) {
      throw new JobQueueError('USAGE', `Expected SHELL to be ${shells.expected}, got "${shell}"`, {
        hint: didYouMean(shell, SHELLS),
      });
    }
    context.stdout.write(COMPLETION_SCRIPTS[known]);
  },
});
