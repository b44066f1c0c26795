import type { JobState } from '../../jobs/job.ts';

/** What something can be done to. */
export type Target =
  | { kind: 'job'; queue: string; id: string; state: JobState }
  | { kind: 'queue'; name: string; paused: boolean }
  | { kind: 'worker'; id: string }
  | { kind: 'schedule'; queue: string; id: string }
  | { kind: 'group'; group: string; type: string; queue?: string; count: number };

/** A target as a person would name it. */
export function nameOf(target: Target): string {
  switch (target.kind) {
    case 'job':
      return target.id;
    case 'queue':
      return target.name;
    case 'worker':
    case 'schedule':
      return target.id;
    case 'group':
      return `${target.type} (${target.group})`;
  }
}
