import { once } from 'node:events';
import net from 'node:net';
import { monotonicMs, now } from '../../src/lib/clock.ts';
import type { Random } from './random.ts';
import { until } from './until.ts';

/** What befalls a connection. */
export type Cut =
  /** The next request arrives, its answer does not: then the connection breaks. */
  | 'after-request'
  /** It breaks as soon as the next answer has arrived. */
  | 'after-answer';

/**
 * A TCP proxy in front of a Redis on a unix socket. It passes everything on until it is told otherwise.
 *
 * It owns its connections, both ends: `close` ends them all.
 */
export interface Proxy {
  /** `redis://127.0.0.1:…` */
  readonly url: string;
  connectionCount(): number;
  /**
   * Cuts one connection, chosen by `random` among those in use; it breaks with its next words.
   * @returns when it was cut (epoch ms), or `undefined` when it did not speak within `withinMs`, and was spared
   */
  cut(how: Cut, random: Random, withinMs?: number): Promise<number | undefined>;
  /** Every connection there is goes silent for good, both ways, without being closed. New ones work. */
  silence(): void;
  /** Every chunk, both ways, is passed on this much later. */
  delay(ms: number): void;
  close(): Promise<void>;
}

interface Link {
  client: net.Socket;
  server: net.Socket;
  fate: Cut | 'silent' | undefined;
  /** The request that the cut waits for has been passed on. */
  requested: boolean;
  /** When it was last used, by either side. */
  spokeAt: number;
  /** When it broke (epoch ms). */
  brokenAt: number | undefined;
  /** What is delayed on its way to either end. */
  underWay: Map<net.Socket, Buffer[]>;
}

/** A connection that was used this recently is in use. */
const IN_USE_MS = 200;

export async function startProxy(redisSocketPath: string): Promise<Proxy> {
  const links = new Set<Link>();
  let delayMs = 0;

  function sever(link: Link): void {
    link.client.destroy();
    link.server.destroy();
    links.delete(link);
    link.brokenAt ??= now();
  }
  function pass(link: Link, to: net.Socket, chunk: Buffer): void {
    link.spokeAt = monotonicMs();
    const underWay = link.underWay.get(to)!;
    if (delayMs === 0 && underWay.length === 0) return void to.write(chunk);
    underWay.push(chunk);
    // Whatever was sent first arrives first, also when the delay changes meanwhile.
    setTimeout(() => {
      const next = underWay.shift()!;
      if (link.fate !== 'silent') to.write(next);
    }, delayMs);
  }

  const listener = net.createServer((client) => {
    const server = net.connect(redisSocketPath);
    const underWay = new Map([client, server].map((end) => [end, [] as Buffer[]]));
    const link: Link = {
      client,
      server,
      fate: undefined,
      requested: false,
      spokeAt: monotonicMs(),
      underWay,
      brokenAt: undefined,
    };
    links.add(link);
    client.setNoDelay(true);
    client.on('data', (chunk) => {
      if (link.fate === 'silent') return;
      link.requested = link.fate === 'after-request';
      pass(link, server, chunk);
    });
    server.on('data', (chunk) => {
      if (link.fate === 'silent') return;
      // The answer of Redis is the proof that the request has been carried out.
      if (link.fate === 'after-request' && link.requested) return sever(link);
      if (link.fate === 'after-answer') {
        client.end(chunk, () => sever(link));
        return;
      }
      pass(link, client, chunk);
    });
    for (const socket of [client, server]) {
      // A connection that breaks by itself: errors are what this is about.
      socket.on('error', () => {});
      // Who is silenced does not even hear that the other end is gone.
      socket.on('close', () => link.fate !== 'silent' && sever(link));
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as net.AddressInfo;

  return {
    url: `redis://127.0.0.1:${port}`,
    connectionCount: () => links.size,
    async cut(how, random, withinMs = 2000) {
      const inUse = [...links].filter(({ spokeAt }) => spokeAt > monotonicMs() - IN_USE_MS);
      if (links.size === 0) return undefined;
      const link = random.pick(inUse.length > 0 ? inUse : [...links]);
      link.fate = how;
      if (await until(() => link.brokenAt !== undefined, withinMs, 1)) return link.brokenAt;
      link.fate = undefined;
      return undefined;
    },
    silence() {
      for (const link of links) link.fate = 'silent';
    },
    delay(ms) {
      delayMs = ms;
    },
    async close() {
      listener.close();
      for (const link of links) sever(link);
      await once(listener, 'close');
    },
  };
}
