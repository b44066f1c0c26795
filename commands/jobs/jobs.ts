import type { CommandGroup } from '../framework/define-command.ts';
import { jobsCancel } from './cancel.ts';
import { jobsDuplicate } from './duplicate.ts';
import { jobsEdit } from './edit.ts';
import { jobsFind } from './find.ts';
import { jobsList } from './list.ts';
import { jobsLogs } from './logs.ts';
import { jobsPromote } from './promote.ts';
import { jobsRemove } from './remove.ts';
import { jobsRetry } from './retry.ts';
import { jobsShow } from './show.ts';

export const jobs: CommandGroup = {
  name: 'jobs',
  group: 'Inspect',
  summary: 'find jobs, look at one, retry, cancel, promote, edit, copy, remove some',
  subcommands: [
    jobsList,
    jobsFind,
    jobsShow,
    jobsLogs,
    jobsRetry,
    jobsCancel,
    jobsPromote,
    jobsEdit,
    jobsDuplicate,
    jobsRemove,
  ],
};
