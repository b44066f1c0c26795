import v8 from 'node:v8';
import type { Project } from '../jobs/project.ts';
import { createDesk } from './desk.ts';
import { runSession, type SessionOptions } from './session.ts';

export type TopOptions = Omit<SessionOptions, 'label'>;

/**
 * `jq top`: shows queues, jobs, dead letters, workers and events live until somebody quits, and changes them on request.
 * Both `stdin` and `stdout` must be terminals.
 * This module brings Ink and React along, so it is only ever imported when it is about to run.
 * @returns the exit code: 0, or 130, 143 or 129 when Ctrl-C or a signal ended it
 */
export function runTop(project: Project, options: TopOptions): Promise<number> {
  // The engine would give 130 MB to what is gone within a second. What the start took is enough, and no slower.
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  return runSession(createDesk(project), { ...options, label: project.broker.target.label });
}
