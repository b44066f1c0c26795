import type { AuditedAction, AuditedChange } from '../../jobs/audit.ts';

const ACTIONS: Readonly<Record<string, AuditedAction>> = {
  pause: 'pause',
  resume: 'resume',
  retry: 'retry',
  clean: 'remove',
  promote: 'promote',
  empty: 'drain',
  obliterate: 'drain',
};

/**
 * What a request to the board's API changes, in the words of the audit: `/mail/j_1/retry` of `/api/queues/mail/j_1/retry`.
 * `undefined` for one that adds a job. How many jobs were cleaned or promoted, the board does not say: that counts as one.
 */
export function describeChange(path: string): AuditedChange | undefined {
  const [first, second, third] = path
    .split('?', 1)[0]!
    .split('/')
    .filter((word) => word !== '')
    .map(decodeURIComponent);
  const actionOf = (word: string | undefined): AuditedAction => ACTIONS[word ?? ''] ?? 'change';
  if (second === undefined) return { what: actionOf(first), count: 1 };
  if (second === 'add' && third === undefined) return undefined;
  if (third === undefined) return { what: actionOf(second), count: 1, queue: first! };
  if (second === 'retry' || second === 'clean') {
    return { what: second === 'retry' ? 'replay' : 'clean', count: 1, queue: first!, filter: { state: third } };
  }
  return { what: actionOf(third), count: 1, id: second, queue: first! };
}
