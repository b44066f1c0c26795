import { type DeadLetter, findDead, findDeadPlaces, scanDead } from '../broker/dead-letters.ts';
import { knownQueues } from '../broker/queues.ts';
import { readJobs } from '../broker/read-jobs.ts';
import { JobQueueError } from '../errors.ts';
import { sees } from './caller.ts';
import { errorFingerprint } from './error-fingerprint.ts';
import type { Matcher } from './filter/match.ts';
import { locateJob, queuesOf } from './find-jobs.ts';
import type { Project } from './project.ts';

/** Which dead letters are meant: those that fit every field. */
export interface DeadLetterFilter {
  ids?: readonly string[] | undefined;
  queue?: string | undefined;
  type?: string | undefined;
  /** Part of the error's message, in any case. */
  error?: string | undefined;
  /** The fingerprint of a group. */
  group?: string | undefined;
  /** Died at or after, at or before: epoch milliseconds. */
  since?: number | undefined;
  until?: number | undefined;
  /** More that must hold, as a filter of jobs is written: `payload.userId:7 attempts:>3`. */
  where?: string | undefined;
}

/**
 * The dead letters that fit, in pages of one queue each, oldest first; none that died after the first page was asked for.
 * @param withNames whether the names of errors are needed: they cost about as much as all the rest
 * @throws JobQueueError UNKNOWN_QUEUE, JOB_NOT_FOUND for an id that is nowhere, USAGE for a filter that cannot be read
 */
export async function* matchingPages(
  project: Project,
  filter: DeadLetterFilter,
  { withNames = false } = {},
): AsyncGenerator<DeadLetter[]> {
  const now = project.broker.clock.now();
  const since = filter.since ?? 0;
  const until = Math.min(filter.until ?? now, now);
  const text = filter.error?.toLowerCase();
  const matcher = filter.where === undefined ? undefined : await matcherOf(filter.where, now);
  const fits = (letter: DeadLetter): boolean =>
    (filter.type === undefined || letter.type === filter.type) &&
    letter.diedAt >= since &&
    letter.diedAt <= until &&
    (text === undefined || letter.error.toLowerCase().includes(text)) &&
    (filter.group === undefined || errorFingerprint(letter) === filter.group);
  const detail = withNames || filter.group !== undefined ? 'name' : text === undefined ? 'type' : 'message';
  const pages =
    filter.ids === undefined
      ? everyPage(project, filter.queue, { since, until, detail })
      : pagesOfIds(project, filter.ids, filter.queue);
  for await (const page of pages) {
    const matching = await keepMatching(project, matcher, page.filter(fits));
    if (matching.length > 0) yield matching;
  }
}

/** Patterns take 6 ms to load, which most commands do without. */
async function matcherOf(where: string, now: number): Promise<Matcher> {
  const [{ filterOf }, { createMatcher }] = await Promise.all([
    import('./filter/from-flags.ts'),
    import('./filter/match.ts'),
  ]);
  return createMatcher(filterOf({ where }), now);
}

/** Those of one page, all of one queue, that fit; only what the filter asks about is read of them. */
async function keepMatching(
  { broker }: Project,
  matcher: Matcher | undefined,
  letters: DeadLetter[],
): Promise<DeadLetter[]> {
  const [first] = letters;
  if (first === undefined || matcher === undefined || matcher.isEvery) return letters;
  const ids = letters.map(({ id }) => id);
  const records = await readJobs(broker, first.queue, ids, matcher.reads);
  const fitting = new Set(records.filter((record) => matcher.fits(record, 'failed')).map(({ id }) => id));
  return letters.filter(({ id }) => fitting.has(id));
}

async function* everyPage(
  project: Project,
  queue: string | undefined,
  scan: Parameters<typeof scanDead>[2],
): AsyncGenerator<DeadLetter[]> {
  for (const each of await queuesOf(project, queue)) yield* scanDead(project.broker, each, scan);
}

async function* pagesOfIds(
  project: Project,
  ids: readonly string[],
  queue: string | undefined,
): AsyncGenerator<DeadLetter[]> {
  const byQueue = new Map<string, string[]>();
  // All are looked for before the first one is touched: an id that is nowhere stops the whole.
  for (const id of new Set(ids)) {
    const place = (queue === undefined && (await placeOfDead(project, id))) || (await locateJob(project, id, queue));
    byQueue.set(place, [...(byQueue.get(place) ?? []), id]);
  }
  for (const [place, each] of byQueue) yield findDead(project.broker, place, each);
}

/** BullMQ counts the jobs of each queue for itself, so an id may be in several. */
async function placeOfDead(project: Project, id: string): Promise<string | undefined> {
  const { broker } = project;
  const queues = (await knownQueues(broker)).filter((each) => sees(project, each));
  const places = await findDeadPlaces(broker, queues, id);
  if (places.length <= 1) return places[0];
  throw new JobQueueError(
    'USAGE',
    `There is a dead letter ${JSON.stringify(id)} in several queues: ${places.join(', ')}`,
    {
      hint: 'Say which one is meant with --queue',
    },
  );
}
