import { listNewestDead } from '../broker/dead-letters.ts';
import { readJobs } from '../broker/read-jobs.ts';
import type { QueueLook } from '../broker/read-queue.ts';
import { mergeNewest } from './merge-newest.ts';
import type { Project } from './project.ts';
import type { DeadLetterSummary } from './snapshot-types.ts';

const MOST = 200;

interface Letter {
  queue: string;
  id: string;
  score: string;
}

/**
 * Lists the newest dead letters over all queues, again and again. Only queues are read in which something has died or gone
 * since, and each letter once.
 */
export function createNewestDead({ broker }: Project): (queues: readonly QueueLook[]) => Promise<DeadLetterSummary[]> {
  let lists = new Map<string, { sign: string; letters: Letter[] }>();
  let summaries = new Map<string, DeadLetterSummary>();

  return async (queues) => {
    const holding = queues.filter(({ counts }) => counts.failed > 0);
    const changed = holding.filter((queue) => lists.get(queue.name)?.sign !== signOf(queue));
    if (changed.length === 0 && lists.size === holding.length) return [...summaries.values()];
    const read = await listNewestDead(
      broker,
      changed.map(({ name }) => name),
      MOST,
    );
    const fresh = new Map(changed.map((queue, index) => [queue.name, { sign: signOf(queue), letters: read[index]! }]));
    lists = new Map(holding.map(({ name }) => [name, fresh.get(name) ?? lists.get(name)!]));
    const letters = mergeNewest(
      [...lists.values()].map((list) => list.letters),
      ({ score }) => Number(score),
      MOST,
    );
    const unread = letters.filter((letter) => !summaries.has(keyOf(letter)));
    const described = new Map((await describe(unread)).map((each) => [keyOf(each.letter), each.summary]));
    summaries = new Map(
      letters.flatMap((letter) => {
        const summary = described.get(keyOf(letter)) ?? summaries.get(keyOf(letter));
        return summary ? [[keyOf(letter), summary] as const] : [];
      }),
    );
    return [...summaries.values()];
  };

  async function describe(letters: readonly Letter[]): Promise<{ letter: Letter; summary: DeadLetterSummary }[]> {
    const groups = [...Map.groupBy(letters, ({ queue }) => queue)].map(async ([queue, group]) => {
      const ids = group.map(({ id }) => id);
      const records = await readJobs(broker, queue, ids, ['name', 'atm', 'finishedOn', 'failedReason']);
      const byId = new Map(records.map((record) => [record.id, record]));
      return group.flatMap((letter) => {
        const record = byId.get(letter.id);
        if (!record) return [];
        const { id, type, attemptsMade, finishedAt, createdAt, error } = record;
        const diedAt = new Date(finishedAt ?? createdAt);
        return [{ letter, summary: { id, type, queue, attempts: attemptsMade, diedAt, error: error ?? '' } }];
      });
    });
    return (await Promise.all(groups)).flat();
  }
}

// One that goes while an older one comes, at the same moment, shows with the next one that dies.
const signOf = ({ counts, newestDead }: QueueLook): string => `${counts.failed} ${newestDead?.score} ${newestDead?.id}`;

const keyOf = ({ queue, id, score }: Letter): string => `${queue} ${score} ${id}`;
