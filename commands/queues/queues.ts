import type { CommandGroup } from '../framework/define-command.ts';
import { queuesList } from './list.ts';

export const queues: CommandGroup = {
  name: 'queues',
  group: 'Inspect',
  summary: 'the queues of this Redis',
  subcommands: [queuesList],
};
