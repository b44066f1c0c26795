import path from 'node:path';
import type { TestRedis } from '../helpers/redis.ts';
import { type FinishedJq, type RunningJq, type RunOptions, runJq, startJq } from '../helpers/run-jq.ts';

/** A project whose handlers are made for the tests of the commands. */
export const SHOP = path.resolve(import.meta.dirname, '../fixtures/shop');

/** The program in the project {@link SHOP}, on one Redis. */
export interface Shop {
  run(args: readonly string[], options?: RunOptions): Promise<FinishedJq>;
  start(args: readonly string[], options?: RunOptions): RunningJq;
  /** What a command prints with `--json`. */
  json<Result = Record<string, unknown>>(args: readonly string[]): Promise<Result>;
  /** Enqueues jobs that die, runs them, and returns their ids. */
  bury(payloads: readonly object[], flags?: readonly string[]): Promise<string[]>;
}

export function openShop(redis: TestRedis): Shop {
  const within = (options: RunOptions = {}) => ({
    cwd: SHOP,
    ...options,
    env: { JQ_REDIS_URL: redis.url, ...options.env },
  });
  const run: Shop['run'] = (args, options) => runJq(args, within(options));
  return {
    run,
    start: (args, options) => startJq(args, within(options)),
    async json<Result>(args: readonly string[]) {
      return JSON.parse((await run([...args, '--json'])).stdout) as Result;
    },
    async bury(payloads, flags = []) {
      const input = payloads.map((payload) => JSON.stringify({ type: 'explode', payload })).join('\n');
      const { stdout } = await run(['enqueue', '--file', '-', ...flags], { input });
      await run(['work', '--drain', '--log-level', 'silent']);
      return stdout.trim().split('\n');
    },
  };
}
