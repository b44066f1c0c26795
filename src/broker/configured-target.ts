import fs from 'node:fs';
import path from 'node:path';
import { type Config } from '../config/load-config.ts';
import { JobQueueError, messageOf } from '../errors.ts';
import { parseTarget, type RedisTarget, type TlsFiles } from './target.ts';

/**
 * The Redis that the configuration names, or `undefined` when it names none and the local one is meant.
 * @throws JobQueueError INVALID_CONFIG for a URL or file that cannot be used
 */
export function configuredTarget(config: Config): RedisTarget | undefined {
  const { url, passwordFile, sentinelPasswordFile } = config.values.redis;
  if (url !== undefined) {
    const target = parseTarget(url, config.origins.get('redis.url')!.origin, {
      password: readPassword(config, passwordFile),
      sentinelPassword: readPassword(config, sentinelPasswordFile),
      tls: readTls(config),
      replicas: config.values.redis.minReplicas,
    });
    assertTls(config, target);
    return target;
  }
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

const TLS_FILES = { ca: 'caFile', cert: 'certFile', key: 'keyFile' } as const;

function readTls(config: Config): TlsFiles {
  const { serverName, ...files } = config.values.redis.tls;
  const texts = Object.entries(TLS_FILES).flatMap(([name, option]) => {
    const file = files[option];
    return file === undefined
      ? []
      : [[name, readPem(path.resolve(config.folder, file), `redis.tls.${option}`)] as const];
  });
  return { ...Object.fromEntries(texts), ...(serverName === undefined ? {} : { servername: serverName }) };
}

/** What is meant to be encrypted must not go out in the clear. */
function assertTls({ values, origins }: Config, { tls, label }: RedisTarget): void {
  const { certFile, keyFile } = values.redis.tls;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new JobQueueError(
      'INVALID_CONFIG',
      'Expected `redis.tls.certFile` and `redis.tls.keyFile` together, got one',
    );
  }
  const set = Object.keys(values.redis.tls).find((name) => origins.has(`redis.tls.${name}`));
  if (tls === undefined && set !== undefined) {
    throw new JobQueueError(
      'INVALID_CONFIG',
      `Expected a rediss:// URL beside \`redis.tls.${set}\` (${origins.get(`redis.tls.${set}`)!.origin}), got ${label}`,
    );
  }
}

function readPem(file: string, option: string): string {
  const text = readText(file, `\`${option}\``);
  if (text.includes('-----BEGIN ')) return text;
  throw new JobQueueError('INVALID_CONFIG', `Expected \`${option}\` to be a PEM file, got something else in ${file}`);
}

function readPassword({ folder }: Config, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const file = path.resolve(folder, name);
  const text = readText(file, 'the password file');
  const mode = fs.statSync(file).mode;
  // A group may: Kubernetes' and systemd's secrets come so to a user who is not root.
  if ((mode & 0o007) !== 0) {
    throw new JobQueueError(
      'INVALID_CONFIG',
      `Others may read the password file ${file} (mode ${(mode & 0o777).toString(8)})`,
      { hint: `chmod 600 ${file}` },
    );
  }
  return text.split('\n', 1)[0]!.trim();
}

function readText(file: string, what: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new JobQueueError('INVALID_CONFIG', `Cannot read ${what} ${file}: ${messageOf(error)}`, { cause: error });
  }
}
