import { JobQueueError, messageOf } from '../errors.ts';
import { type Reply, ReplyError } from './redis.ts';
import type { RedisTarget } from './target.ts';

/** Error replies that speak of the server's condition, not of the command. */
const CONDITIONS: Record<string, string> = {
  OOM: 'it is out of memory',
  MISCONF: 'it cannot save to disk',
  READONLY: 'it is a read-only replica',
  LOADING: 'it is loading its data',
  NOREPLICAS: 'it has too few replicas',
  NOAUTH: 'it wants a password',
  WRONGPASS: 'the user name or password is wrong',
  NOPERM: 'this user may not do that',
  DENIED: 'without a password it takes connections from its own machine only',
  CLUSTERDOWN: 'the cluster is down',
};

const CONDITION = new RegExp(`(^|-)(${Object.keys(CONDITIONS).join('|')}) `);

/** Whether the message of an error reply tells the server's condition; Redis 6 puts words of its own before that of a script. */
export const tellsCondition = (message: string): boolean => CONDITION.test(message);

export function unreachable(target: RedisTarget, cause: unknown): JobQueueError {
  const code = (cause as { code?: string } | undefined)?.code ?? messageOf(cause);
  const hint =
    target.why === 'local'
      ? 'Run the command again: it starts the local Redis anew'
      : `Is it running? It was chosen by ${target.why}`;
  return new JobQueueError('REDIS_UNREACHABLE', `Cannot reach Redis at ${target.label} (${code})`, { hint, cause });
}

/** The replies of a pipeline. @throws JobQueueError REDIS_REFUSED when one of them tells the server's condition */
export function passReplies(target: RedisTarget, replies: (Reply | ReplyError)[]): (Reply | ReplyError)[] {
  for (const reply of replies) {
    const error = reply instanceof ReplyError ? translateReplyError(target, reply) : reply;
    if (error instanceof JobQueueError) throw error;
  }
  return replies;
}

/** An error reply as an expected error where it tells the server's condition; else as it is. */
export function translateReplyError(target: RedisTarget, error: ReplyError): Error {
  const reason =
    CONDITIONS[error.kind] ??
    (/^ERR (AUTH|invalid password|DB index|max number of clients)/i.test(error.message)
      ? error.message.slice(4)
      : undefined);
  return reason === undefined
    ? error
    : new JobQueueError('REDIS_REFUSED', `Redis at ${target.label} refused: ${reason}`, { cause: error });
}
