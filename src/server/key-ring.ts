import { readApiKeys, writeUse } from '../broker/api-keys.ts';
import { hashKey } from '../jobs/api-keys.ts';
import type { Project } from '../jobs/project.ts';
import { abilitiesOf, type Ability, confinesTo, type Scope } from '../jobs/scopes.ts';
import { monotonicMs } from '../lib/clock.ts';
import type { MaybeLate } from '../lib/maybe-late.ts';
import { createReading } from '../lib/reading.ts';

/** An API key as the server knows it. */
export interface KnownKey {
  readonly id: string;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number | null;
  readonly scopes: readonly Scope[];
  readonly abilities: ReadonlySet<Ability>;
  /** The only queues that there are for it; without it, all. */
  readonly queues: readonly string[] | undefined;
}

/** The API keys, by their hashes; at most a second old, so that a key which is revoked ends without a restart. */
export interface KeyRing {
  /** Every key, also those that have expired. @throws JobQueueError when Redis has been away for long */
  all(): MaybeLate<KnownKeys>;
  /** The same as it is now: a key may be younger than what is known. @throws JobQueueError when Redis is away */
  refresh(): Promise<KnownKeys>;
  /** Writes down that a key is in use; seldom, and without anybody waiting for it. */
  noteUse(key: KnownKey): void;
}
export type KnownKeys = ReadonlyMap<string, KnownKey>;

const NOTE_EVERY_MS = 60_000;

export function createKeyRing({ broker }: Project): KeyRing {
  const reading = createReading<KnownKeys>(async () => {
    const records = await readApiKeys(broker);
    return new Map(
      records.map(({ hash, id, name, expiresAt, scopes: words }) => {
        const scopes = words as readonly Scope[];
        return [hash, { id, name, expiresAt, scopes, abilities: abilitiesOf(scopes), queues: confinesTo(scopes) }];
      }),
    );
  });
  const notedAt = new Map<string, number>();
  return {
    all: reading.get,
    refresh: reading.refresh,
    noteUse({ id }) {
      const at = monotonicMs();
      if (at - (notedAt.get(id) ?? -Infinity) < NOTE_EVERY_MS) return;
      notedAt.set(id, at);
      writeUse(broker, id, broker.clock.now()).catch(() => {});
    },
  };
}

/**
 * The key that this text is. It is found by its SHA-256: how long that takes may tell how far two hashes agree, but
 * nobody can choose the hash of a guess, so there is no guessing a key letter by letter.
 */
export function findKey(keys: KnownKeys, text: string, at: number): KnownKey | undefined {
  const hash = knownHashes.get(text) ?? hashKey(text);
  const key = keys.get(hash);
  if (!key) return undefined;
  if (knownHashes.size < MOST_HASHES) knownHashes.set(text, hash);
  return key.expiresAt === null || key.expiresAt > at ? key : undefined;
}

/**
 * The hashes of keys that were found: a program sends the same one with every request, and hashing it takes longer than
 * all else that is looked at before the body. A map tells no more of a guess than the table of hashes does: it compares
 * texts whose hashes agree, and nobody outside can work those out.
 */
const knownHashes = new Map<string, string>();
const MOST_HASHES = 1000;
