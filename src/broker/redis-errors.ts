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
  MOVED: 'it is one node of a Cluster, which redis+cluster:// is for',
  CROSSSLOT: 'it is one node of a Cluster, which redis+cluster:// is for',
};

const CONDITION = new RegExp(`(^|-)(${Object.keys(CONDITIONS).join('|')}) `);

/** ioredis has a class of its own for them. */
export const isReplyError = (error: unknown): error is Error => error instanceof Error && error.name === 'ReplyError';

/** Whether the message of an error reply tells the server's condition; Redis 6 puts words of its own before that of a script. */
export const tellsCondition = (message: string): boolean => CONDITION.test(message);

/** What went wrong before a word was said, by the codes of node:tls. */
const TLS_FAULTS: readonly { codes: RegExp; reason: string; hint: string }[] = [
  {
    codes:
      /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT.*)|CERT_SIGNATURE_FAILURE)$/,
    reason: 'no authority that is trusted here has signed its certificate',
    hint: "Name the authority's certificate in `redis.tls.caFile` or JQ_REDIS_CA_FILE",
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    reason: 'its certificate is for another name',
    hint: 'Use that name in the URL, or say it in `redis.tls.serverName` or JQ_REDIS_SERVER_NAME',
  },
  { codes: /^CERT_HAS_EXPIRED$/, reason: 'its certificate has expired', hint: 'Renew it' },
  {
    codes: /^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL))$/,
    reason: 'it speaks no TLS on this port',
    hint: 'redis:// goes without TLS',
  },
  {
    codes: /^ERR_SSL_.*(CERTIFICATE_REQUIRED|ALERT_HANDSHAKE_FAILURE|UNKNOWN_CA|BAD_CERTIFICATE)$/,
    reason: 'it wants a certificate that it trusts',
    hint: 'Name one in `redis.tls.certFile` and `redis.tls.keyFile`',
  },
];

export function unreachable(target: RedisTarget, cause: unknown): JobQueueError {
  const code = (cause as { code?: string } | undefined)?.code ?? messageOf(cause);
  const fault = TLS_FAULTS.find(({ codes }) => codes.test(code));
  if (fault) {
    const message = `Cannot reach Redis at ${target.label}: ${fault.reason}`;
    return new JobQueueError('REDIS_UNREACHABLE', message, { hint: fault.hint, cause });
  }
  if (target.sentinel && code.startsWith('All sentinels are unreachable')) {
    const [, last] = code.split('Last error: ');
    const why = last === undefined ? '' : ` (${last})`;
    const message = `Cannot reach Redis at ${target.label}: no Sentinel answers and knows a master "${target.sentinel.name}"${why}`;
    return new JobQueueError('REDIS_UNREACHABLE', message, { hint: `They were named by ${target.why}`, cause });
  }
  const question = target.tls ? 'Is it running, and with TLS on this port?' : 'Is it running?';
  const hint =
    target.why === 'local'
      ? 'Run the command again: it starts the local Redis anew'
      : `${question} It was chosen by ${target.why}`;
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
    (/^ERR (AUTH|invalid password|DB index|max number of clients|This instance has cluster support disabled)/i.test(
      error.message,
    )
      ? error.message.slice(4)
      : undefined);
  return reason === undefined
    ? error
    : new JobQueueError('REDIS_REFUSED', `Redis at ${target.label} refused: ${reason}`, { cause: error });
}
