import { Cluster, type ClusterOptions, Command, type Redis as Client } from 'ioredis';
import { JobQueueError } from '../errors.ts';
import { createDeadline } from '../lib/deadline.ts';
import { connectionOptions } from './lasting-redis.ts';
import { type Argument, type Redis, type Reply, ReplyError } from './redis.ts';
import { isReplyError, passReplies, translateReplyError, unreachable } from './redis-errors.ts';
import { REPLICATED_WITHIN_MS, tooFewReplicas } from './replication.ts';
import type { RedisTarget } from './target.ts';

/** It is seen at once by those who ask for something that a slot has another master; so soon by those who only listen. */
const LOOK_EVERY_MS = 15_000;

/** The connections to the nodes of a Cluster, as ioredis has them: it finds its way by itself when masters change. */
export function createCluster(target: RedisTarget, options: ClusterOptions = {}): Cluster {
  const { host: _host, port: _port, db: _db, retryStrategy, ...redisOptions } = connectionOptions(target);
  return new Cluster([...target.cluster!], {
    redisOptions: { ...redisOptions, ...(target.tls && { tls: target.tls }), maxRetriesPerRequest: null },
    clusterRetryStrategy: retryStrategy,
    slotsRefreshInterval: LOOK_EVERY_MS,
    // Names must reach TLS as they are.
    dnsLookup: (address, callback) => callback(null, address),
    ...options,
  });
}

/**
 * A Cluster as if it were one Redis. A pipeline goes to all nodes that it concerns at once: what is in one slot stays in
 * order. A transaction in it (`MULTI` … `EXEC`) becomes one for each slot. What names no key is asked of the first master,
 * but `SCRIPT`, of which all know, and `PUBLISH`, whose reply counts the listeners of all nodes.
 */
export async function openClusterRedis(
  target: RedisTarget,
  { deadlineMs, onLost }: { deadlineMs: number; onLost?: (() => void) | undefined },
): Promise<Redis> {
  const cluster = createCluster(target, { lazyConnect: true, enableOfflineQueue: false });
  let lastError: unknown;
  cluster.on('error', (error: Error & { lastNodeError?: Error }) => (lastError = error.lastNodeError ?? error));
  cluster.on('node error', (error) => (lastError = error));
  const tooLate = (ms: number) => () => unreachable(target, lastError ?? { code: `no answer for ${ms / 1000}s` });
  const deadline = createDeadline(deadlineMs, tooLate(deadlineMs));

  function explain(error: unknown): never {
    if (error instanceof JobQueueError) throw error;
    if (isReplyError(error)) throw translateReplyError(target, new ReplyError(error.message));
    throw isReplyError(lastError)
      ? translateReplyError(target, new ReplyError(lastError.message))
      : unreachable(target, lastError ?? error);
  }
  const within = <Result>(answer: Promise<Result>): Promise<Result> => deadline.watch(answer).catch(explain);

  const masters = (): Client[] => cluster.nodes('master').toSorted((a, b) => (addressOf(a) < addressOf(b) ? -1 : 1));

  function send(command: string, args: readonly Argument[]): Promise<Reply> {
    const name = command.toUpperCase();
    if (slotOf(command, args) !== null) return cluster.call(command, ...args) as Promise<Reply>;
    if (name === 'SCRIPT') return atAll(masters(), command, args);
    if (name === 'PUBLISH') return publish(args);
    const [first] = masters();
    return (first ?? cluster).call(command, ...args) as Promise<Reply>;
  }

  async function atAll(nodes: readonly Client[], command: string, args: readonly Argument[]): Promise<Reply> {
    return ((await Promise.all(nodes.map((node) => node.call(command, ...args)))) as Reply[])[0] ?? null;
  }

  async function publish(args: readonly Argument[]): Promise<Reply> {
    // A node counts only those who listen at itself. They are counted first: some end when they hear it.
    const counts = await Promise.allSettled(cluster.nodes().map((node) => node.pubsub('NUMSUB', String(args[0]))));
    await masters()[0]?.call('PUBLISH', ...args);
    return counts.reduce((sum, each) => sum + (each.status === 'fulfilled' ? Number(each.value[1]) : 0), 0);
  }

  async function pipeline(commands: readonly (readonly Argument[])[]): Promise<(Reply | ReplyError)[]> {
    if (String(commands[0]?.[0]) === 'MULTI') return [...commands.slice(1).map(() => null), await transact(commands)];
    return Promise.all(
      commands.map(([command, ...args]) =>
        send(command as string, args).catch((error: unknown) => {
          if (isReplyError(error)) return new ReplyError(error.message);
          throw error;
        }),
      ),
    );
  }

  /** @returns the replies in order, as `EXEC` has them */
  async function transact(commands: readonly (readonly Argument[])[]): Promise<Reply> {
    const inner = commands
      .slice(1, -1)
      .map(([command, ...args], index) => ({ command: command as string, args, index }));
    const replies: Reply[] = [];
    for (const group of Map.groupBy(inner, ({ command, args }) => slotOf(command, args)).values()) {
      const transaction = cluster.multi();
      for (const { command, args } of group) transaction.call(command, ...args);
      const results = (await transaction.exec()) ?? [];
      group.forEach(({ index }, place) => (replies[index] = (results[place]![0] ?? results[place]![1]) as Reply));
    }
    return replies;
  }

  const connected = new Promise<void>((resolve, reject) => {
    cluster.once('ready', resolve);
    cluster.connect().catch((error: unknown) => isReplyError(lastError) && reject(error));
  });
  try {
    await createDeadline(2 * deadlineMs, tooLate(2 * deadlineMs))
      .watch(connected)
      .catch(explain);
  } catch (error) {
    cluster.disconnect();
    throw error;
  }
  if (onLost) cluster.on('close', onLost);

  return {
    isLasting: true,
    get isLate() {
      return deadline.overdue > 0;
    },
    call: (command, ...args) => within(send(command, args)),
    pipeline: async (commands) => passReplies(target, await within(pipeline(commands))),
    async replicated({ replicas, keys }, write) {
      const nodes = () => [...new Set(keys.map((key) => nodeOf(cluster, key)))];
      const streams = () => nodes().map((node) => node?.stream);
      const before = streams();
      const result = await write();
      const amounts = await within(
        Promise.all(nodes().map((node) => node?.wait(replicas, REPLICATED_WITHIN_MS) ?? Promise.resolve(0))),
      );
      const isSame = streams().every((stream, index) => stream !== undefined && stream === before[index]);
      if (isSame && Math.min(...amounts) >= replicas) return result;
      throw tooFewReplicas(target, isSame ? Math.min(...amounts) : undefined, replicas);
    },
    masters: () =>
      masters().map((node) => ({
        call: (command, ...args) => within(node.call(command, ...args) as Promise<Reply>),
        pipeline: (commands) =>
          within(
            Promise.all(
              commands.map(
                ([command, ...args]) => node.call(command as string, ...(args as Argument[])) as Promise<Reply>,
              ),
            ),
          ),
      })),
    async close() {
      cluster.disconnect();
    },
  };
}

const addressOf = ({ options }: Client): string => `${options.host}:${options.port}`;

/** `null` of a command that names no key. */
const slotOf = (command: string, args: readonly Argument[]): number | null => new Command(command, [...args]).getSlot();

function nodeOf(cluster: Cluster, key: string): Client | undefined {
  const address = cluster.slots[slotOf('GET', [key])!]?.[0];
  return cluster.nodes('master').find((node) => addressOf(node) === address);
}
