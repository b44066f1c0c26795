import { createHash } from 'node:crypto';
import { type Argument, type Redis, type Reply, ReplyError } from './redis.ts';

/** A Lua script: its source and how many of its arguments are keys. */
export interface Script {
  readonly source: string;
  readonly keyCount: number;
  readonly sha1: string;
}

export const createScript = (source: string, keyCount: number): Script => ({
  source,
  keyCount,
  sha1: createHash('sha1').update(source).digest('hex'),
});

export const scriptCall = (script: Script, keysAndArguments: readonly Argument[]): Argument[] => [
  'EVALSHA',
  script.sha1,
  script.keyCount,
  ...keysAndArguments,
];

/** Runs a script by its hash, and sends its source only to a Redis that does not know it yet. */
export async function runScript(redis: Redis, script: Script, keysAndArguments: readonly Argument[]): Promise<Reply> {
  try {
    return await redis.call(...(scriptCall(script, keysAndArguments) as [string, ...Argument[]]));
  } catch (error) {
    if (!isUnknownScript(error)) throw error;
    return redis.call('EVAL', script.source, script.keyCount, ...keysAndArguments);
  }
}

export const isUnknownScript = (error: unknown): boolean => error instanceof ReplyError && error.kind === 'NOSCRIPT';
