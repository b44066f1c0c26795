import type { CommandGroup } from '../framework/define-command.ts';
import { configShow } from './show.ts';

export const config: CommandGroup = {
  name: 'config',
  group: 'Set up',
  summary: 'the configuration in force',
  subcommands: [configShow],
};
