import { JobQueueError } from '../errors.ts';

/** Which Redis to speak to. */
export interface RedisTarget {
  /** A path for a unix socket, else host and port; with Sentinel or a Cluster those of the first node. */
  socketPath?: string;
  host?: string;
  port?: number;
  /** Who knows which of several servers is the master, and by what name. */
  sentinel?: { nodes: readonly Address[]; name: string; password?: string };
  /** Some nodes of a Cluster: they know the others. */
  cluster?: readonly Address[];
  /** What to speak TLS with. */
  tls?: TlsFiles;
  username?: string;
  password?: string;
  database: number;
  /** How many replicas must have a job before it is acknowledged; none if not said. */
  replicas?: number;
  /** For people: the URL with its password masked. */
  label: string;
  /** Which layer chose it: `JQ_REDIS_URL`, `--redis`, a file, or `local`. */
  why: string;
}

export interface Address {
  host: string;
  port: number;
}

/** PEM texts, under the names that node:tls has for them. */
export interface TlsFiles {
  ca?: string;
  cert?: string;
  key?: string;
  /** What the server's certificate must be for, instead of its host. */
  servername?: string;
}

/** What does not stand in a URL. */
export interface TargetExtras {
  replicas?: number;
  password?: string | undefined;
  sentinelPassword?: string | undefined;
  tls?: TlsFiles;
}

/** `redis+sentinel://user:password@`, `host:1,host:2`, `/name`: of several hosts no URL class knows. */
const FLEET = /^(rediss?)\+(sentinel|cluster):\/\/(.*@)?([^/?#]*)(.*)$/s;

/** @throws JobQueueError INVALID_CONFIG */
export function parseTarget(text: string, why: string, extras: TargetExtras = {}): RedisTarget {
  const [, protocol, kind, user = '', hosts = '', rest = ''] = FLEET.exec(text) ?? [];
  if (protocol === undefined) return parseOne(text, text, why, extras);
  const nodes = hosts.split(',').map((host) => {
    const node = parseOne(`${protocol}://${host}`, text, why, {});
    return { host: node.host!, port: /:\d+$/.test(host) || kind === 'cluster' ? node.port! : SENTINEL_PORT };
  });
  if (kind === 'cluster') {
    const target = parseOne(`${protocol}://${user}${hosts.split(',')[0]}${rest}`, text, why, extras);
    if (target.database === 0) return { ...target, cluster: nodes };
    throw new JobQueueError(
      'INVALID_CONFIG',
      `Expected no database in "${maskUrl(text)}": a Cluster has none (${why})`,
    );
  }
  const [, name = '', database = ''] = rest.split('/');
  if (name === '' || rest.split('/').length > 3) {
    throw new JobQueueError(
      'INVALID_CONFIG',
      `Expected the master's name in the Redis URL "${maskUrl(text)}", such as redis+sentinel://host:26379/mymaster (${why})`,
    );
  }
  const target = parseOne(`${protocol}://${user}${hosts.split(',')[0]}/${database}`, text, why, extras);
  const { sentinelPassword } = extras;
  return { ...target, sentinel: { nodes, name, ...(sentinelPassword && { password: sentinelPassword }) } };
}

const SENTINEL_PORT = 26_379;

/** @param shown what was written, for errors */
function parseOne(text: string, shown: string, why: string, extras: TargetExtras): RedisTarget {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new JobQueueError(
      'INVALID_CONFIG',
      `Expected a URL such as redis://host:6379/0, got "${maskUrl(shown)}" (${why})`,
    );
  }
  const decode = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw new JobQueueError(
        'INVALID_CONFIG',
        `Expected each % in the Redis URL "${maskUrl(shown)}" to begin an escape such as %25 (${why})`,
      );
    }
  };
  const password = extras.password ?? (decode(url.password) || undefined);
  const shared = {
    ...(url.protocol === 'rediss:' ? { tls: extras.tls ?? {} } : {}),
    ...(url.username === '' ? {} : { username: decode(url.username) }),
    ...(password === undefined ? {} : { password }),
    ...(extras.replicas ? { replicas: extras.replicas } : {}),
    label: maskUrl(shown),
    why,
  };
  if (url.protocol === 'unix:') {
    return {
      ...shared,
      socketPath: decode(url.pathname),
      database: parseDatabase(url.searchParams.get('db') ?? '', shown, why),
    };
  }
  if (url.hostname === '') {
    throw new JobQueueError('INVALID_CONFIG', `Expected a host in the Redis URL "${maskUrl(shown)}" (${why})`);
  }
  const host = decode(url.hostname).replace(/^\[|\]$/g, '');
  return {
    ...shared,
    host,
    port: Number(url.port || 6379),
    database: parseDatabase(url.pathname.slice(1), shown, why),
  };
}

function parseDatabase(text: string, url: string, why: string): number {
  if (text === '') return 0;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new JobQueueError(
    'INVALID_CONFIG',
    `Expected the database in "${maskUrl(url)}" to be a number, got "${text}" (${why})`,
  );
}

/** A URL that may be shown: whatever stands where a password does becomes `****`; one that holds a `@` ends at the last. */
export const maskUrl = (url: string): string => url.replace(/(:\/\/[^:@/]*):.*@/s, '$1:****@');
