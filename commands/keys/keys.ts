import type { CommandGroup } from '../framework/define-command.ts';
import { keysCreate } from './create.ts';
import { keysList } from './list.ts';
import { keysRevoke } from './revoke.ts';

export const keys: CommandGroup = {
  name: 'keys',
  group: 'Set up',
  summary: 'the API keys of jq serve',
  subcommands: [keysCreate, keysList, keysRevoke],
};
