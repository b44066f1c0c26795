import type { CommandGroup } from '../framework/define-command.ts';
import { jobsCancel } from './cancel.ts';
import { jobsList } from './list.ts';
import { jobsLogs } from './logs.ts';
import { jobsRemove } from './remove.ts';
import { jobsRetry } from './retry.ts';
import { jobsShow } from './show.ts';

export const jobs: CommandGroup = {
  name: 'jobs',
  group: 'Inspect',
  summary: 'list jobs, look at one, retry, cancel or remove some',
  subcommands: [jobsList, jobsShow, jobsLogs, jobsRetry, jobsCancel, jobsRemove],
};
