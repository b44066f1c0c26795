import type { CommandGroup } from '../framework/define-command.ts';
import { workersList } from './list.ts';
import { workersQuiet } from './quiet.ts';
import { workersSetSlots } from './set-slots.ts';
import { workersStop } from './stop.ts';

export const workers: CommandGroup = {
  name: 'workers',
  group: 'Inspect',
  summary: 'the workers of this Redis: list, quiet or stop them',
  subcommands: [workersList, workersQuiet, workersStop, workersSetSlots],
};
