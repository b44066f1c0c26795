import type { HandlerContext, JobInfo, JobLog, JobOptions } from '../../src/index.ts';

/** What a handler said and did through its context. */
export interface ContextRecord {
  logs: { level: keyof JobLog; message: string; fields: object }[];
  progress: number[];
  enqueued: { type: string; payload: unknown; options: JobOptions }[];
  /** The results of `once`, by step. */
  once: Map<string, unknown>;
}

/**
 * The context of one attempt, for calling a handler's `run` without a worker. What goes through it is in `record`; pass the
 * `once` of an earlier attempt to get its recorded results, as a retry does.
 */
export function handlerContext(
  given: { job?: Partial<JobInfo>; signal?: AbortSignal; once?: Map<string, unknown> } = {},
): { context: HandlerContext; record: ContextRecord } {
  const record: ContextRecord = { logs: [], progress: [], enqueued: [], once: given.once ?? new Map() };
  const job: JobInfo = {
    id: 'job-1',
    type: 'example',
    queue: 'default',
    attempt: 1,
    maxAttempts: 5,
    createdAt: new Date(),
    fence: 1,
    ...given.job,
  };
  const logger =
    (level: keyof JobLog) =>
    (...[first, second]: [string] | [object, string]) =>
      void record.logs.push(
        typeof first === 'string' ? { level, message: first, fields: {} } : { level, message: second!, fields: first },
      );

  const context: HandlerContext = Object.freeze({
    job: Object.freeze(job),
    log: { debug: logger('debug'), info: logger('info'), warn: logger('warn'), error: logger('error') },
    signal: given.signal ?? new AbortController().signal,
    progress: async (percent: number) => void record.progress.push(percent),
    async once(step, fn) {
      if (!record.once.has(step)) {
        const result = await fn({ key: `${job.id}:${step}`, fence: job.attempt, uncertain: false });
        // Through JSON, as a result that comes back from Redis.
        record.once.set(step, JSON.parse(JSON.stringify(result ?? null)));
      }
      return record.once.get(step) as Awaited<ReturnType<typeof fn>>;
    },
    async enqueue(type, payload, options = {}) {
      return `enqueued-${record.enqueued.push({ type, payload, options })}`;
    },
  } satisfies HandlerContext);
  return { context, record };
}
