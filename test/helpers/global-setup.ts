import type { TestProject } from 'vitest/node';
import { buildIfStale, PROGRAM } from '../../scripts/build/build-if-stale.ts';
import { findRedisServer } from '../../src/broker/local-redis/find-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The built program, to be run by `process.execPath`. */
    program: string;
    /** The command that runs a redis-server, before its own arguments. */
    redisServer: [string, ...string[]];
  }
}

/** Before the first test: a program as new as its sources, and a redis-server that any test may run. */
export default async function setUp(project: TestProject): Promise<void> {
  project.provide('redisServer', findRedisServer(process.env).command);
  await buildIfStale();
  project.provide('program', PROGRAM);
}
