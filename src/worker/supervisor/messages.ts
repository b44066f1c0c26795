/** What a worker process tells its supervisor. */
export type FromProcess =
  /** Before it takes its first job: how what it has in hand can be told, should it end. */
  | { kind: 'holders'; holders: string[]; queues: string[] }
  | { kind: 'ready'; slotsByQueue: Record<string, number>; types: string[] }
  /** The answer to `count`. */
  | { kind: 'busy'; busy: number }
  /** It could not start for a reason that is expected: a JobQueueError as data. */
  | { kind: 'refused'; code: string; message: string; hint?: string }
  | { kind: 'stopped'; putBack: number };

/** What a supervisor tells its processes. */
export type ToProcess = { kind: 'stop' } | { kind: 'stop-now' } | { kind: 'count' };

/** The descriptor on which a process reports jobs that ran over their time: after stdin, stdout, stderr and IPC. */
export const OVERRUN_DESCRIPTOR = 4;
