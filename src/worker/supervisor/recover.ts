import type { Logger } from 'pino';
import { createOrphanage, findOrphans, type OrphanedJob, type Verdict } from '../../broker/held-jobs.ts';
import { getJob } from '../../jobs/find-jobs.ts';
import { renderAttempt } from '../../jobs/attempt-history.ts';
import type { Project } from '../../jobs/project.ts';
import { createFigureBook, type FigureBook } from '../figures.ts';

/** A job that was the only suspect in so many processes that broke has broken them. */
const CRASH_LIMIT = 3;
/** A process that was killed from outside says little about its jobs; but what eats all memory gets its process killed, too. */
const POINTS = { broke: 10, killed: 1 } as const;

/** How a worker process ended. */
export interface Ending {
  /** `host/pid`. */
  worker: string;
  /** For people: `SIGKILL`, `exit code 1`. */
  how: string;
  /** It broke, was killed by somebody, or by its supervisor: then none of its jobs has a part in it. */
  cause: 'broke' | 'killed' | 'supervisor';
  queues: readonly string[];
  holders: readonly string[];
  /** Jobs that held its main thread beyond their time: that is why it ended. */
  overrun: readonly { queue: string; id: string }[];
}

/**
 * Puts back, at once, what a worker process had in hand when it ended; no attempt is lost by it. Two kinds of jobs pay:
 * those that ran over their time, whose attempt has failed, and a job that keeps ending its process, which is dead
 * after {@link CRASH_LIMIT} times. Of the many in hand any may be the one: they become suspects (at once when the process broke,
 * the second time when it was killed from outside), suspects run one at a time, and when a process with a suspect ends,
 * only the suspect is counted.
 * @returns how many jobs there were
 */
export async function recoverJobs(project: Project, ending: Ending, log: Logger): Promise<number> {
  const { broker } = project;
  const orphans = await findOrphans(broker, ending.queues, ending.holders);
  if (orphans.length === 0) return 0;
  const orphanage = createOrphanage(broker);
  const types = await project.handlers.types();
  const figures = createFigureBook(broker.clock, (type) => types.includes(type));
  try {
    const suspects = orphans.filter(({ points }) => points > 0);
    const isOurs = ending.cause === 'supervisor' || ending.overrun.length > 0;
    const blamed = isOurs ? [] : suspects.length > 0 ? suspects : orphans;
    for (const orphan of orphans) {
      const verdict = await judge(project, orphan, ending, blamed.includes(orphan), figures);
      await orphanage.settle(orphan, verdict);
      log.warn(
        { job: orphan.id, queue: orphan.queue },
        verdict.kind === 'failed' ? verdict.message : 'put back: its process ended',
      );
    }
  } finally {
    await orphanage.close();
  }
  // The jobs are safe by now; figures are not worth an alarm.
  await broker.redis.pipeline(figures.take(broker, true)).catch(() => {});
  return orphans.length;
}

async function judge(
  project: Project,
  orphan: OrphanedJob,
  ending: Ending,
  isBlamed: boolean,
  figures: FigureBook,
): Promise<Verdict> {
  const isOverrun = ending.overrun.some(({ queue, id }) => queue === orphan.queue && id === orphan.id);
  const points = isBlamed && ending.cause !== 'supervisor' ? POINTS[ending.cause] : 0;
  const isPoison = isBlamed && orphan.points + points >= CRASH_LIMIT * POINTS.broke;
  // What was in hand once when somebody killed its process need not wait for its neighbours of then.
  const isSuspect = orphan.points + points > POINTS.killed;
  if (!isOverrun && !isPoison) return { kind: 'returned', points, isSuspect };
  const job = await getJob(project, orphan.id, orphan.queue);
  const message = isOverrun
    ? 'Timed out: the handler held its process and did not let go'
    : `It keeps ending its worker process (${ending.how})`;
  const startedAt = job.startedAt ?? job.createdAt;
  const facts = {
    attempt: job.attempts + 1,
    maxAttempts: job.maxAttempts,
    startedAt,
    worker: ending.worker,
    durationMs: project.broker.clock.now() - startedAt.getTime(),
  };
  const verdict = {
    kind: 'failed',
    message,
    stack: renderAttempt(facts, `Error: ${message}`),
    final: isPoison,
  } as const;
  // Its process cannot count it any more. How long the job had waited is not known here: as of a later start.
  figures.record({ ...job, ...facts, fence: 2, dueAt: startedAt }, verdict, startedAt.getTime(), facts.durationMs);
  return verdict;
}
