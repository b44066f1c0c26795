import type { Broker } from './broker.ts';
import { toObject } from './redis.ts';

/** An API key as Redis has it. The key itself is nowhere: who reads Redis cannot use it. */
export interface ApiKeyRecord {
  id: string;
  name: string;
  /** SHA-256, base64url. */
  hash: string;
  scopes: readonly string[];
  /** Epoch milliseconds. */
  createdAt: number;
  expiresAt: number | null;
}

/** @returns false when the name is taken */
export async function addApiKey({ redis, keys }: Broker, { name, ...rest }: ApiKeyRecord): Promise<boolean> {
  return (await redis.call('HSETNX', keys.apiKeys, name, JSON.stringify(rest))) === 1;
}

/** Every key, also those that have expired. */
export async function readApiKeys({ redis, keys }: Broker): Promise<ApiKeyRecord[]> {
  const byName = toObject(await redis.call('HGETALL', keys.apiKeys));
  return Object.entries(byName).map(([name, text]) => ({ ...(JSON.parse(text) as Omit<ApiKeyRecord, 'name'>), name }));
}

/** @returns false when it is gone already */
export async function removeApiKey(
  { redis, keys }: Broker,
  { name, id }: Pick<ApiKeyRecord, 'name' | 'id'>,
): Promise<boolean> {
  const removed = await redis.call('HDEL', keys.apiKeys, name);
  await redis.call('HDEL', keys.apiKeyUses, id);
  return removed === 1;
}

/** Writes down when a key was used. Apart from the key itself, so that it cannot bring back one that is just revoked. */
export async function writeUse({ redis, keys }: Broker, id: string, at: number): Promise<void> {
  await redis.call('HSET', keys.apiKeyUses, id, at);
}

/** When each key was used last (epoch ms), by id. */
export async function readUses({ redis, keys }: Broker): Promise<Map<string, number>> {
  const uses = toObject(await redis.call('HGETALL', keys.apiKeyUses));
  return new Map(Object.entries(uses).map(([id, at]) => [id, Number(at)]));
}
