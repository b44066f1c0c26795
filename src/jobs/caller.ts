import { hostname, userInfo } from 'node:os';
import type { AuditEntry } from './audit.ts';
import type { Project } from './project.ts';

/** On whose behalf a project is used. */
export interface Caller {
  /** As the audit names them: `key:NAME` of an API key, `user@host` of a person on this machine. */
  readonly who: string;
  /** The id of the API key. */
  readonly key?: string | undefined;
  /** Where a call over HTTP came from, and its request's id. */
  readonly address?: string;
  readonly requestId?: string;
  /** The only queues that there are for this caller; without it, all. */
  readonly queues?: readonly string[] | undefined;
  /** Told each line of the audit; `failure` when Redis did not take it. */
  onAudit?(entry: AuditEntry, failure?: Error): void;
}

/** The same project, used on behalf of somebody else. */
export const onBehalfOf = (project: Project, caller: Caller): Project => ({ ...project, caller });

/** Whether a queue exists for the caller. */
export const sees = ({ caller }: Project, queue: string): boolean =>
  caller.queues === undefined || caller.queues.includes(queue);

/** The person who runs this process. */
export function localUser(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container the user may have a number only.
    return String(process.getuid?.());
  }
}
