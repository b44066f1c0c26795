import { addApiKey, type ApiKeyRecord, readApiKeys, readUses, removeApiKey } from '../broker/api-keys.ts';
import { JobQueueError } from '../errors.ts';
import { randomBytes, sha256Url } from '../lib/digest.ts';
import { didYouMean } from '../lib/nearest.ts';
import { isoTime } from '../lib/time.ts';
import { audit } from './audit.ts';
import type { Project } from './project.ts';
import { assertScopesFit, type Scope } from './scopes.ts';

/** What is known of an API key; the key itself is not. */
export interface ApiKey {
  id: string;
  name: string;
  scopes: readonly Scope[];
  createdAt: Date;
  /** `null` is never. */
  expiresAt: Date | null;
  /** To the minute; `null` is never. */
  lastUsedAt: Date | null;
}

// 160 bits; a form of its own, so that tools which look for leaked secrets find it.
const KEY_BYTES = 20;
/** What a key may be called: it stands in logs, and a part of a name must not pass for `user@host`. */
export const KEY_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/i;

/**
 * Makes a key.
 * @param expiresAt epoch milliseconds
 * @returns the key, which cannot be shown again, and what is known of it
 * @throws JobQueueError USAGE for a name that is taken or cannot be one, and for scopes that do not go together
 */
export async function createApiKey(
  project: Project,
  { name, scopes, expiresAt = null }: { name: string; scopes: readonly Scope[]; expiresAt?: number | null },
): Promise<{ key: string; record: ApiKey }> {
  if (!KEY_NAME.test(name)) {
    throw new JobQueueError(
      'USAGE',
      `Expected a name of letters, digits and ._-, at most 64, the first a letter or digit, got ${JSON.stringify(name)}`,
    );
  }
  const createdAt = project.broker.clock.now();
  if (expiresAt !== null && expiresAt <= createdAt) {
    throw new JobQueueError('USAGE', `Expected a key to end in the future, got ${isoTime(expiresAt)}`);
  }
  assertScopesFit(scopes);
  const key = `jq_${randomBytes(KEY_BYTES).toString('hex')}`;
  const id = `k_${randomBytes(6).toString('hex')}`;
  const record: ApiKeyRecord = { id, name, hash: hashKey(key), scopes, createdAt, expiresAt };
  if (!(await addApiKey(project.broker, record))) {
    throw new JobQueueError('USAGE', `An API key is named ${name} already`, {
      hint: `Two keys may be valid at once, under two names: ${name}-2, then jq keys revoke ${name}`,
    });
  }
  await audit(project, { what: 'create-key', count: 1, id, name });
  return { key, record: toApiKey(record, undefined) };
}

/** Every key, oldest first. */
export async function listApiKeys({ broker }: Project): Promise<ApiKey[]> {
  const [records, uses] = await Promise.all([readApiKeys(broker), readUses(broker)]);
  return records.toSorted((a, b) => a.createdAt - b.createdAt).map((record) => toApiKey(record, uses.get(record.id)));
}

/** @throws JobQueueError API_KEY_NOT_FOUND */
export async function findApiKey(project: Project, nameOrId: string): Promise<ApiKey> {
  const known = await listApiKeys(project);
  const found = known.find(({ name }) => name === nameOrId) ?? known.find(({ id }) => id === nameOrId);
  if (found) return found;
  throw notFound(
    nameOrId,
    didYouMean(
      nameOrId,
      known.map(({ name }) => name),
    ),
  );
}

/** Makes a key invalid: servers that run know it within a second. @throws JobQueueError API_KEY_NOT_FOUND */
export async function revokeApiKey(project: Project, { name, id }: Pick<ApiKey, 'name' | 'id'>): Promise<void> {
  if (!(await removeApiKey(project.broker, { name, id }))) throw notFound(name);
  await audit(project, { what: 'revoke-key', count: 1, id, name });
}

const notFound = (nameOrId: string, hint = 'See: jq keys list'): JobQueueError =>
  new JobQueueError('API_KEY_NOT_FOUND', `No API key is named ${JSON.stringify(nameOrId)}`, { hint });

/** What is stored of a key, and what it is found by. */
export const hashKey = (key: string): string => sha256Url(key);

const toApiKey = ({ id, name, scopes, createdAt, expiresAt }: ApiKeyRecord, usedAt: number | undefined): ApiKey => ({
  id,
  name,
  scopes: scopes as readonly Scope[],
  createdAt: new Date(createdAt),
  expiresAt: expiresAt === null ? null : new Date(expiresAt),
  lastUsedAt: usedAt === undefined ? null : new Date(usedAt),
});
