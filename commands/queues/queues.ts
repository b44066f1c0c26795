import type { CommandGroup } from '../framework/define-command.ts';
import { queuesClean } from './clean.ts';
import { queuesDrain } from './drain.ts';
import { queuesLimit } from './limit.ts';
import { queuesList } from './list.ts';
import { queuesPause } from './pause.ts';
import { queuesRemove } from './remove.ts';
import { queuesResume } from './resume.ts';

export const queues: CommandGroup = {
  name: 'queues',
  group: 'Inspect',
  summary: 'list queues, pause, resume, limit, drain, clean or remove them',
  subcommands: [queuesList, queuesPause, queuesResume, queuesLimit, queuesDrain, queuesClean, queuesRemove],
};
