import type { Broker } from './broker.ts';
import { type Argument, type Reply, type ReplyError, unwrap } from './redis.ts';
import type { Script } from './script.ts';

/** One call is cheaper for both sides than one for each, as long as it holds Redis for no more than a millisecond or two. */
const MOST_KEYS = 50;

/**
 * Commands that run a script which reads something under each of its keys, of which there may be hundreds, after one that
 * makes it known. In a Cluster the keys are in many slots: each goes alone.
 */
export function readEach(
  { target }: Pick<Broker, 'target'>,
  script: Script,
  keys: readonly string[],
  most = MOST_KEYS,
): Argument[][] {
  const size = target.cluster ? 1 : most;
  const calls = Array.from({ length: Math.ceil(keys.length / size) }, (_, call) => {
    const some = keys.slice(call * size, (call + 1) * size);
    return ['EVALSHA', script.sha1, some.length, ...some];
  });
  return calls.length === 0 ? [] : [['SCRIPT', 'LOAD', script.source], ...calls];
}

/** What the script read under each of the keys. */
export function eachRead<Read extends Reply>([loaded, ...replies]: readonly (Reply | ReplyError)[]): Read[] {
  unwrap(loaded);
  return replies.flatMap((reply) => unwrap<Read[]>(reply));
}
