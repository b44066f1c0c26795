import type { JobInfo } from '../define-handler.ts';

/** Where executables run, and what they are told of the world. */
export interface Surroundings {
  /** The project's folder. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

// What programs need, and never the worker's secrets: a handler of another language may load anything.
const USUAL =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TZ|LANG|LANGUAGE|LC_\w+|SSL_CERT_(FILE|DIR)|(HTTPS?|NO)_PROXY|(https?|no)_proxy)$/;

/** The part of the worker's environment that executables see: the usual names, and those that the project passes on. */
export function pickEnvironment(env: NodeJS.ProcessEnv, passed: readonly string[] = []): Record<string, string> {
  const picked = Object.entries(env).filter(([name]) => USUAL.test(name) || passed.includes(name));
  return Object.fromEntries(picked.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** What an executable is told of its job. */
export const describeJob = (job: JobInfo): Record<string, string> => ({
  JQ_JOB_ID: job.id,
  JQ_JOB_TYPE: job.type,
  JQ_QUEUE: job.queue,
  JQ_ATTEMPT: String(job.attempt),
  JQ_MAX_ATTEMPTS: String(job.maxAttempts),
  JQ_CREATED_AT: job.createdAt.toISOString(),
  JQ_FENCE: String(job.fence),
});
