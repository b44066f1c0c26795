import type { CommandGroup } from '../framework/define-command.ts';
import { dlqArchive } from './archive.ts';
import { dlqGroups } from './groups.ts';
import { dlqImport } from './import.ts';
import { dlqList } from './list.ts';
import { dlqRemove } from './remove.ts';
import { dlqReplay } from './replay.ts';
import { dlqShow } from './show.ts';

export const dlq: CommandGroup = {
  name: 'dlq',
  group: 'Recover',
  summary: 'dead letters: jobs that failed for good',
  description:
    'A job is dead when its attempts are used up, or when its handler said so. It stays until it is replayed or removed.',
  subcommands: [dlqList, dlqGroups, dlqShow, dlqReplay, dlqArchive, dlqImport, dlqRemove],
};
