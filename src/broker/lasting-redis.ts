import { Redis as Client, type RedisOptions } from 'ioredis';
import { JobQueueError } from '../errors.ts';
import { createDeadline } from '../lib/deadline.ts';
import { type Argument, type Redis, type Reply, ReplyError } from './redis.ts';
import { isReplyError, passReplies, translateReplyError, unreachable } from './redis-errors.ts';
import type { RedisTarget } from './target.ts';
import { createReplicated, REPLICATED_WITHIN_MS } from './replication.ts';
import { tlsOptions } from './tls-options.ts';
import { keepCommandsYoung } from './young-commands.ts';

// Longer than the longest blocking read of a worker: what is silent for longer is dead, though TCP may not know.
const SILENCE_MS = 15_000;
const RECONNECT_CAP_MS = 2000;
const LOADING_LOOK_MS = 500;
/** When none of the Sentinels knew a master, they are asked again. */
const SENTINEL_ROUND_MS = 250;
/** Arguments of a call that is gathered with no others, or characters or bytes of its last one. */
const LONG_CALL = { args: 100, length: 512 };
/** Calls without an answer beyond which none are sent: what a silent Redis was sent stays in memory until it is given up. */
const MOST_OVERDUE = 100;

/** ioredis' options for a target: what all long-lived connections share. */
export function connectionOptions(target: RedisTarget): RedisOptions & { retryStrategy(attempt: number): number } {
  return {
    ...placeOf(target),
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    db: target.database,
    // One shape of replies, whatever the server can do.
    protocol: 2,
    // It would tell Redis what it is called, a command more for users who may do little.
    disableClientInfo: true,
    connectTimeout: 5000,
    socketTimeout: SILENCE_MS,
    keepAlive: 10_000,
    // A Redis that loads its data guesses for how long, and guesses badly.
    maxLoadingRetryTime: LOADING_LOOK_MS,
    // Jittered, so that a fleet does not come back as one; its end is up to whoever holds the connection.
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 6), RECONNECT_CAP_MS) * (0.5 + Math.random() / 2),
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
}

function placeOf(target: RedisTarget): RedisOptions {
  if (target.socketPath !== undefined) return { path: target.socketPath };
  const tls = target.tls && tlsOptions(target, target.host!);
  if (!target.sentinel) return { host: target.host!, port: target.port!, ...(tls && { tls }) };
  const { nodes, name, password } = target.sentinel;
  return {
    // ioredis changes their order.
    sentinels: nodes.map((node) => ({ ...node })),
    name,
    ...(password === undefined ? {} : { sentinelPassword: password }),
    ...(target.tls ? { tls: target.tls, sentinelTLS: target.tls, enableTLSForSentinelMode: true } : {}),
    // No soonest: a master that is gone is replaced within seconds, and whoever asks early hears of the old one.
    sentinelRetryStrategy: () => SENTINEL_ROUND_MS,
    sentinelCommandTimeout: 1000,
  };
}

/**
 * A connection that comes back by itself, for programs that stay. While Redis is away a call fails within
 * `deadlineMs`; nothing piles up waiting. `onLost` is told each time the connection breaks.
 */
export async function openLastingRedis(
  target: RedisTarget,
  { deadlineMs = 2500, onLost }: { deadlineMs?: number; onLost?: () => void } = {},
): Promise<Redis> {
  keepCommandsYoung();
  if (target.cluster) {
    const { openClusterRedis } = await import('./cluster-redis.ts');
    return openClusterRedis(target, { deadlineMs, onLost });
  }
  const client = new Client({
    ...connectionOptions(target),
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
  });
  let lastError: unknown;
  client.on('error', (error) => (lastError = error));
  const noAnswer = (ms: number) => () => unreachable(target, { code: `no answer for ${ms / 1000}s` });
  const deadline = createDeadline(deadlineMs, noAnswer(deadlineMs));

  function explain(error: unknown): never {
    if (error instanceof JobQueueError) throw error;
    // Why a connection broke, ioredis tells in an event only.
    const cause = isReplyError(error) ? error : (lastError ?? error);
    throw isReplyError(cause) ? translateReplyError(target, new ReplyError(cause.message)) : unreachable(target, cause);
  }

  async function connect(): Promise<void> {
    const connected = client.connect();
    if (!target.sentinel) return connected;
    // The Sentinels may name a master that is just gone, and soon another one.
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve);
      connected.catch((error: unknown) => isReplyError(lastError) && reject(error));
    });
  }

  /** In time, or not at all: what Redis does with a call after that, nobody can know. */
  function within<T>(send: () => Promise<T>): Promise<T> {
    if (deadline.overdue >= MOST_OVERDUE) return Promise.reject(noAnswer(deadlineMs)());
    return deadline.watch(send()).catch(explain);
  }

  try {
    // A connection takes a few more round trips than a call. ioredis itself waits for one that accepts and says nothing.
    const tooLate = noAnswer(2 * deadlineMs);
    const first = createDeadline(2 * deadlineMs, () => (lastError ? unreachable(target, lastError) : tooLate()));
    await first.watch(connect()).catch(explain);
    // It goes on in database 0 when it may not have the one that was asked for.
    if (target.database !== 0) await within(() => client.select(target.database));
  } catch (error) {
    client.disconnect();
    throw error;
  }
  if (onLost) client.on('close', onLost);

  /** Lets the commands of one turn of the event loop go out in one write: each is a system call, and wakes Redis. */
  function gather(): void {
    const { stream } = client;
    if (!stream || stream.writableCorked > 0) return;
    stream.cork();
    setImmediate(() => stream.uncork());
  }

  const redis: Redis = {
    isLasting: true,
    get isLate() {
      return deadline.overdue > 0;
    },
    masters: () => [redis],
    replicated: createReplicated(
      target,
      () => client.stream,
      (replicas) => within(() => client.wait(replicas, REPLICATED_WITHIN_MS)),
    ),
    call(command, ...args) {
      // What is long is worth a write of its own: Redis may begin with it.
      if (!isLong(args)) gather();
      return within(() => client.call(command, ...args) as Promise<Reply>);
    },
    async pipeline(commands) {
      gather();
      const pipeline = client.pipeline();
      for (const [command, ...args] of commands) pipeline.call(command as string, ...(args as Argument[]));
      const results = (await within(() => pipeline.exec())) ?? [];
      const replies = results.map(([error, reply]) => {
        if (!error) return reply as Reply;
        if (isReplyError(error)) return new ReplyError(error.message);
        throw unreachable(target, error);
      });
      return passReplies(target, replies);
    },
    async close() {
      client.disconnect();
    },
  };
  return redis;
}

function isLong(args: readonly Argument[]): boolean {
  const last = args.at(-1);
  return (
    args.length >= LONG_CALL.args ||
    ((typeof last === 'string' || Buffer.isBuffer(last)) && last.length >= LONG_CALL.length)
  );
}

/** Twice before silence is taken for death. */
const PING_EVERY_MS = 7000;

/**
 * Hears what is published on a channel, over a connection of its own that comes back by itself. What is published while
 * it is away is not heard.
 */
export async function subscribe(
  target: RedisTarget,
  channel: string,
  onMessage: (message: string) => void,
): Promise<{ close(): void }> {
  const client = target.cluster
    ? (await import('./cluster-redis.ts')).createCluster(target, { lazyConnect: true })
    : new Client({ ...connectionOptions(target), lazyConnect: true, maxRetriesPerRequest: null });
  // Its trouble is the same as that of the connections beside it, which tell.
  client.on('error', () => {});
  client.on('message', (_channel, message) => onMessage(message));
  // A channel may be silent for long; a connection that is silent is dead.
  const ping = setInterval(() => client.ping().catch(() => {}), PING_EVERY_MS).unref();
  const subscribed = client.connect().then(() => client.subscribe(channel));
  const close = (): void => {
    clearInterval(ping);
    client.disconnect();
  };
  try {
    await subscribed;
  } catch (error) {
    close();
    throw unreachable(target, error);
  }
  return { close };
}
