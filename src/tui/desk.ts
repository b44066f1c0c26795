import type { Project } from '../jobs/project.ts';
import { watchProject } from '../jobs/snapshot.ts';
import { countOrder } from './actions/count-order.ts';
import { addLike } from './actions/add-job.ts';
import { editTarget } from './actions/edit-job.ts';
import { runOrder } from './actions/run-order.ts';
import { createReader } from './data/read-page.ts';
import type { Snapshot } from '../jobs/snapshot-types.ts';
import type { ReadPage } from './data/read-page.ts';

type On<Function> = Function extends (project: Project, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** Everything that a session asks of Redis. */
export interface Desk {
  snapshot(): Promise<Snapshot>;
  read: ReadPage;
  count: On<typeof countOrder>;
  run: On<typeof runOrder>;
  edit: On<typeof editTarget>;
  add: On<typeof addLike>;
}

export const createDesk = (project: Project): Desk => ({
  snapshot: watchProject(project),
  read: createReader(project),
  count: (...rest) => countOrder(project, ...rest),
  run: (...rest) => runOrder(project, ...rest),
  edit: (...rest) => editTarget(project, ...rest),
  add: (...rest) => addLike(project, ...rest),
});
