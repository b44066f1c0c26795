import type { CommandGroup } from '../framework/define-command.ts';
import { workersList } from './list.ts';

export const workers: CommandGroup = {
  name: 'workers',
  group: 'Inspect',
  summary: 'the workers of this Redis',
  subcommands: [workersList],
};
