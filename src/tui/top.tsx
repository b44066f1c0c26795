import type { Project } from '../jobs/project.ts';
import { takeSnapshot } from '../jobs/snapshot.ts';
import type { Look } from './paint.ts';
import type { Streams } from './picture.tsx';
import { runSession } from './session.ts';

export interface TopOptions extends Streams, Look {
  /** How often to look, in milliseconds; slower by itself when Redis is. */
  intervalMs: number;
}

/**
 * `jq top`: shows queues, dead letters and workers live until somebody quits. Both `stdin` and `stdout` must be terminals.
 * This module brings Ink and React along, so it is only ever imported when it is about to run.
 * @returns the exit code: 0, or 130, 143 or 129 when Ctrl-C or a signal ended it
 */
export function runTop(project: Project, options: TopOptions): Promise<number> {
  return runSession(() => takeSnapshot(project), { ...options, label: project.broker.target.label });
}
