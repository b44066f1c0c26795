import fs from 'node:fs';
import path from 'node:path';
import { type Config } from '../config/load-config.ts';
import { JobQueueError } from '../errors.ts';

/** Which Redis to speak to. */
export interface RedisTarget {
  /** A path for a unix socket, else host and port. */
  socketPath?: string;
  host?: string;
  port?: number;
  tls: boolean;
  username?: string;
  password?: string;
  database: number;
  /** For people: the URL with its password masked. */
  label: string;
  /** Which layer chose it: `JQ_REDIS_URL`, `--redis`, a file, or `local`. */
  why: string;
}

/**
 * The Redis that the configuration names, or `undefined` when it names none and the local one is meant.
 * @throws JobQueueError INVALID_CONFIG for a URL or password file that cannot be used
 */
export function configuredTarget(config: Config): RedisTarget | undefined {
  const { url, passwordFile } = config.values.redis;
  const password = passwordFile === undefined ? undefined : readPassword(path.resolve(config.folder, passwordFile));
  if (url !== undefined) return parseTarget(url, config.origins.get('redis.url')!.origin, password);
  if (config.env.NODE_ENV === 'production') {
    throw new JobQueueError(
      'NO_REDIS',
      'No Redis is configured, and NODE_ENV is production: the local Redis is for development',
      {
        hint: 'Set JQ_REDIS_URL=redis://host:6379, or `redis.url` in jobqueue.config.ts',
      },
    );
  }
  return undefined;
}

/** @throws JobQueueError INVALID_CONFIG */
export function parseTarget(text: string, why: string, passwordFromFile?: string): RedisTarget {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new JobQueueError(
      'INVALID_CONFIG',
      `Expected a URL such as redis://host:6379/0, got "${maskUrl(text)}" (${why})`,
    );
  }
  const decode = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw new JobQueueError(
        'INVALID_CONFIG',
        `Expected each % in the Redis URL "${maskUrl(text)}" to begin an escape such as %25 (${why})`,
      );
    }
  };
  const password = passwordFromFile ?? (decode(url.password) || undefined);
  const shared = {
    tls: url.protocol === 'rediss:',
    ...(url.username === '' ? {} : { username: decode(url.username) }),
    ...(password === undefined ? {} : { password }),
    label: maskUrl(text),
    why,
  };
  if (url.protocol === 'unix:') {
    return {
      ...shared,
      socketPath: decode(url.pathname),
      database: parseDatabase(url.searchParams.get('db') ?? '', text, why),
    };
  }
  if (url.hostname === '') {
    throw new JobQueueError('INVALID_CONFIG', `Expected a host in the Redis URL "${maskUrl(text)}" (${why})`);
  }
  const host = decode(url.hostname).replace(/^\[|\]$/g, '');
  return { ...shared, host, port: Number(url.port || 6379), database: parseDatabase(url.pathname.slice(1), text, why) };
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

function readPassword(file: string): string {
  try {
    const mode = fs.statSync(file).mode;
    if ((mode & 0o077) !== 0) {
      throw new JobQueueError(
        'INVALID_CONFIG',
        `Others may read the password file ${file} (mode ${(mode & 0o777).toString(8)})`,
        {
          hint: `chmod 600 ${file}`,
        },
      );
    }
    return fs.readFileSync(file, 'utf8').split('\n', 1)[0]!.trim();
  } catch (error) {
    if (error instanceof JobQueueError) throw error;
    throw new JobQueueError('INVALID_CONFIG', `Cannot read the password file ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
