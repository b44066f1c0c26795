import { sha1Hex } from '../lib/digest.ts';
import { type Argument, type Redis, type Reply, ReplyError, unwrap } from './redis.ts';

/** A Lua script: its source and how many of its arguments are keys. */
export interface Script {
  readonly source: string;
  readonly keyCount: number;
  readonly sha1: string;
}

export function createScript(source: string, keyCount: number): Script {
  let sha1: string | undefined;
  return {
    source,
    keyCount,
    get sha1() {
      return (sha1 ??= sha1Hex(source));
    },
  };
}

/**
 * The command that runs a script: by its hash on a connection that lasts. For one short command the source is sent
 * along, which is sooner done than finding out whether Redis knows it.
 */
export const scriptCall = (redis: Redis, script: Script, keysAndArguments: readonly Argument[]): Argument[] =>
  redis.isLasting
    ? ['EVALSHA', script.sha1, script.keyCount, ...keysAndArguments]
    : ['EVAL', script.source, script.keyCount, ...keysAndArguments];

/** What each short command has sent so far: often a script runs hundreds of times in one. */
const sent = new WeakMap<Redis, Set<Script>>();

/** Runs a script, and sends its source only to a Redis that does not know it yet. */
export async function runScript(redis: Redis, script: Script, keysAndArguments: readonly Argument[]): Promise<Reply> {
  const bySource = () => redis.call('EVAL', script.source, script.keyCount, ...keysAndArguments);
  const scripts = redis.isLasting ? undefined : (sent.get(redis) ?? new Set());
  if (scripts && !scripts.has(script)) {
    const reply = await bySource();
    sent.set(redis, scripts.add(script));
    return reply;
  }
  try {
    return await redis.call('EVALSHA', script.sha1, script.keyCount, ...keysAndArguments);
  } catch (error) {
    if (!isUnknownScript(error)) throw error;
    return bySource();
  }
}

/** Runs a script once for each list of arguments, in one round trip. The replies come in order. */
export async function runScriptForEach(
  redis: Redis,
  script: Script,
  calls: readonly (readonly Argument[])[],
): Promise<Reply[]> {
  if (calls.length === 0) return [];
  const [loaded, ...replies] = await redis.pipeline([
    ['SCRIPT', 'LOAD', script.source],
    ...calls.map((args) => ['EVALSHA', script.sha1, script.keyCount, ...args]),
  ]);
  unwrap(loaded);
  return replies.map((reply) => unwrap(reply));
}

export const isUnknownScript = (error: unknown): boolean => error instanceof ReplyError && error.kind === 'NOSCRIPT';
