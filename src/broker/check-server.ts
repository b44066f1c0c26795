import { JobQueueError } from '../errors.ts';
import { type Redis, unwrap } from './redis.ts';
import type { RedisTarget } from './target.ts';

const OLDEST = [6, 2] as const;

export interface ServerFacts {
  version: string;
  evictionPolicy: string;
  appendOnly: boolean;
}

/**
 * Refuses a Redis on which jobs would break or get lost.
 * @returns what the server said, and warnings about what is fit but not safe
 * @throws JobQueueError REDIS_REFUSED for a version below 6.2 or an eviction policy other than `noeviction`
 */
export async function checkServer(
  redis: Redis,
  target: RedisTarget,
  { allowEviction }: { allowEviction: boolean },
): Promise<{ facts: ServerFacts; warnings: string[] }> {
  const [first, ...others] = await Promise.all(
    redis.masters().map((master) => checkOne(master, target, { allowEviction })),
  );
  return { facts: first!.facts, warnings: [...new Set([first!, ...others].flatMap(({ warnings }) => warnings))] };
}

async function checkOne(
  redis: Pick<Redis, 'pipeline'>,
  target: RedisTarget,
  { allowEviction }: { allowEviction: boolean },
): Promise<{ facts: ServerFacts; warnings: string[] }> {
  const sections = await redis.pipeline(['server', 'memory', 'persistence'].map((section) => ['INFO', section]));
  const info = parseInfo(sections.map((section) => unwrap<string>(section)).join('\n'));
  const facts: ServerFacts = {
    version: info.get('redis_version') ?? 'unknown',
    evictionPolicy: info.get('maxmemory_policy') ?? 'noeviction',
    appendOnly: info.get('aof_enabled') === '1',
  };
  const [major = 0, minor = 0] = facts.version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new JobQueueError(
      'REDIS_REFUSED',
      `Expected Redis ${OLDEST.join('.')} or newer at ${target.label}, got ${facts.version}`,
    );
  }
  if (facts.evictionPolicy !== 'noeviction' && !allowEviction) {
    throw new JobQueueError(
      'REDIS_REFUSED',
      `Redis at ${target.label} has maxmemory-policy ${facts.evictionPolicy}: it may throw jobs away. Expected noeviction`,
      { hint: 'Run: redis-cli config set maxmemory-policy noeviction, or insist with --allow-eviction' },
    );
  }
  const warnings = facts.appendOnly
    ? []
    : ['Redis keeps no append-only file: a crash of Redis can lose jobs (appendonly yes)'];
  return { facts, warnings };
}

/** The lines of INFO, by name. */
export function parseInfo(text: string): Map<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}
