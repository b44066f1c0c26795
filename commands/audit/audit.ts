import type { CommandGroup } from '../framework/define-command.ts';
import { auditList } from './list.ts';

export const audit: CommandGroup = {
  name: 'audit',
  group: 'Inspect',
  summary: 'who changed what',
  subcommands: [auditList],
};
