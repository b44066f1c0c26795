import net from 'node:net';
import Parser from 'redis-parser';
import { type Argument, type Redis, type Reply, ReplyError, unwrap } from './redis.ts';
import { passReplies, unreachable } from './redis-errors.ts';
import type { RedisTarget } from './target.ts';
import { createReplicated, REPLICATED_WITHIN_MS } from './replication.ts';
import { tlsOptions } from './tls-options.ts';

interface Waiting {
  resolve(reply: Reply | ReplyError): void;
  reject(error: Error): void;
}

/**
 * A connection for one short command of a person: it is made once, fails fast and never comes back. What lives longer
 * takes `openLastingRedis`. The reason for having two: loading ioredis costs as much time as the rest of `jq enqueue`.
 *
 * @throws JobQueueError REDIS_UNREACHABLE when there is no connection within `timeoutMs` (also of silence later), REDIS_REFUSED
 */
export async function openQuickRedis(target: RedisTarget, { timeoutMs = 5000 } = {}): Promise<Redis> {
  const waiting: Waiting[] = [];
  let failure: Error | undefined;

  // Most do without TLS, and it takes as long to load as all the rest.
  const socket = connect(target, target.tls ? await import('node:tls') : undefined);
  const fail = (cause: unknown): void => {
    failure ??= unreachable(target, cause);
    socket.destroy();
    for (const each of waiting.splice(0)) each.reject(failure);
  };
  // Only silence that somebody waits in is a fault.
  socket.setTimeout(timeoutMs, () => waiting.length > 0 && fail({ code: `no answer for ${timeoutMs / 1000}s` }));
  // A server that waits for plain words says nothing to a handshake, whose bytes count as a sign of life.
  const handshake = setTimeout(fail, timeoutMs, { code: `no answer for ${timeoutMs / 1000}s` });
  socket.on(target.tls ? 'secureConnect' : 'connect', () => clearTimeout(handshake));
  socket.on('close', () => clearTimeout(handshake));
  socket.on('error', fail).on('close', () => fail({ code: 'connection closed' }));
  socket.setNoDelay(true);

  const parser = new Parser({
    returnReply: (reply: Reply) => waiting.shift()?.resolve(reply),
    returnError: (error: Error) => waiting.shift()?.resolve(new ReplyError(error.message)),
    returnFatalError: fail,
  });
  socket.on('data', (chunk) => parser.execute(chunk));

  async function pipeline(commands: readonly (readonly Argument[])[]): Promise<(Reply | ReplyError)[]> {
    if (failure) throw failure;
    const replies = commands.map(
      () => new Promise<Reply | ReplyError>((resolve, reject) => waiting.push({ resolve, reject })),
    );
    socket.write(encode(commands));
    return passReplies(target, await Promise.all(replies));
  }
  const redis: Redis = {
    isLasting: false,
    isLate: false,
    pipeline,
    // There is only the one connection, and after it nothing.
    replicated: createReplicated(
      target,
      () => socket,
      (replicas) => redis.call('WAIT', replicas, REPLICATED_WITHIN_MS).then(Number),
    ),
    masters: () => [redis],
    async call(...command) {
      return unwrap((await pipeline([command]))[0]);
    },
    async close() {
      failure ??= unreachable(target, { code: 'closed' });
      socket.destroy();
    },
  };
  await greet(redis, target).catch(async (error: unknown) => {
    await redis.close();
    throw error;
  });
  return redis;
}

function connect(target: RedisTarget, tls: typeof import('node:tls') | undefined): net.Socket {
  if (target.socketPath !== undefined) return net.connect({ path: target.socketPath });
  const place = { host: target.host!, port: target.port! };
  return tls ? tls.connect({ ...place, ...tlsOptions(target, place.host) }) : net.connect(place);
}

/** The first words of a connection; without a password and on database 0 there are none. */
async function greet(redis: Redis, { username, password, database }: RedisTarget): Promise<void> {
  if (password !== undefined) await redis.call('AUTH', ...(username === undefined ? [] : [username]), password);
  if (database !== 0) await redis.call('SELECT', database);
  if (password === undefined && database === 0) await redis.call('PING');
}

/** Commands as RESP lists of bulk strings. Most arguments are texts: they are joined before they become bytes. */
function encode(commands: readonly (readonly Argument[])[]): Buffer {
  const parts: Buffer[] = [];
  let text = '';
  for (const command of commands) {
    text += `*${command.length}\r\n`;
    for (const argument of command) {
      if (Buffer.isBuffer(argument)) {
        parts.push(Buffer.from(`${text}$${argument.length}\r\n`), argument);
        text = '\r\n';
      } else {
        const word = String(argument);
        text += `$${Buffer.byteLength(word)}\r\n${word}\r\n`;
      }
    }
  }
  return Buffer.concat([...parts, Buffer.from(text)]);
}
