import { JobQueueError } from '../errors.ts';
import type { ValueKind } from '../lib/value-kind.ts';
import { QUEUE_NAME } from '../options.ts';

/** What a caller can be allowed to do, and what else each of it includes. */
export const ABILITIES = {
  enqueue: { includes: [], meaning: 'add jobs' },
  read: { includes: [], meaning: 'look at jobs, queues and workers' },
  operate: { includes: ['read'], meaning: 'read, and change jobs and queues' },
  admin: { includes: ['enqueue', 'read', 'operate'], meaning: 'all of it' },
} as const satisfies Record<string, { includes: readonly string[]; meaning: string }>;

export type Ability = keyof typeof ABILITIES;

/** A word on an API key: an ability, or `enqueue:QUEUE`, which also confines the key to the queues that it names so. */
export type Scope = Ability | `enqueue:${string}`;

const WORDS = Object.keys(ABILITIES) as Ability[];
const queueOf = (scope: Scope): string | undefined => /^enqueue:(.*)$/s.exec(scope)?.[1];

/** Scopes as people write them: separated by commas. */
export const scopeList: ValueKind<string, readonly Scope[]> = {
  expected: `${WORDS.join(', ')} or enqueue:QUEUE, separated by commas`,
  parse(raw) {
    const words = [
      ...new Set(
        String(raw)
          .split(',')
          .map((word) => word.trim()),
      ),
    ];
    return words.every(isScope) ? words : undefined;
  },
  render: (scopes) => scopes.join(','),
};

const isScope = (word: string): word is Scope => {
  const queue = queueOf(word as Scope);
  return queue === undefined ? Object.hasOwn(ABILITIES, word) : QUEUE_NAME.test(queue);
};

/** What a key with these scopes may do. */
export function abilitiesOf(scopes: readonly Scope[]): ReadonlySet<Ability> {
  return new Set(
    scopes.flatMap((scope): Ability[] =>
      queueOf(scope) === undefined ? [scope as Ability, ...ABILITIES[scope as Ability].includes] : ['enqueue'],
    ),
  );
}

/** The queues that a key with these scopes is confined to; `undefined` when it is not. */
export function confinesTo(scopes: readonly Scope[]): readonly string[] | undefined {
  const queues = scopes.flatMap((scope) => queueOf(scope) ?? []);
  return queues.length === 0 ? undefined : queues;
}

/** @throws JobQueueError USAGE for scopes of which one takes back what another gives */
export function assertScopesFit(scopes: readonly Scope[]): void {
  const confining = scopes.find((scope) => queueOf(scope) !== undefined);
  const wide = scopes.find((scope) => scope === 'enqueue' || scope === 'admin');
  if (confining === undefined || wide === undefined) return;
  throw new JobQueueError('USAGE', `Expected either ${wide}, which holds for every queue, or ${confining}, got both`);
}
