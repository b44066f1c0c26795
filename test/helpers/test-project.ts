import type { StandardSchemaV1 } from '@standard-schema/spec';
import { onTestFinished } from 'vitest';
import type { HandlerOptions, Run } from '../../src/handlers/define-handler.ts';
import { openProject, type Project } from '../../src/jobs/project.ts';
import type { ConfigInput } from '../../src/options.ts';
import { folderOf } from './write-files.ts';

/** A handler of whatever payload; the test knows which one. */
export type TestHandler = Run<never> | (HandlerOptions & { input?: StandardSchemaV1; run: Run<never> });

export interface TestProjectOptions {
  config?: ConfigInput;
  /** Handlers by type: they share the test's variables. */
  handlers?: Record<string, TestHandler>;
  connection?: 'once' | 'lasting';
}

// The files that a project has its handlers in are modules of Node, which reach the test only through what is global.
const shared = new Map<string, TestProjectOptions['handlers']>();
Object.assign(globalThis, { handlersOfTests: shared });

/** A project in a folder of its own, on this Redis, which is closed when the test ends. */
export async function openTestProject(
  { url }: { url: string },
  { config = {}, handlers = {}, connection = 'lasting' }: TestProjectOptions = {},
): Promise<Project> {
  const key = String(shared.size);
  shared.set(key, handlers);
  const cwd = await folderOf({
    'jobqueue.config.json': JSON.stringify({ ...config, redis: { url, ...config.redis } }),
    ...Object.fromEntries(
      Object.keys(handlers).map((type) => [
        `handlers/${type}.mjs`,
        `export default globalThis.handlersOfTests.get('${key}')['${type}'];`,
      ]),
    ),
  });
  const project = await openProject({ cwd, env: {}, connection });
  onTestFinished(() => project.close());
  return project;
}
