import type { RedisQueueBackend } from 'bullmq';
import { now as localNow } from '../../lib/clock.ts';
import type { RedisClock } from '../redis-clock.ts';

/** Where BullMQ's scripts get the time, which it takes from the local clock: the place among their keys and arguments. */
const TIME_AT: Readonly<Record<string, number>> = {
  moveToActive: 12,
  moveToFinished: 15,
  moveToDelayed: 12,
  retryJob: 12,
  moveStalledJobsToWait: 11,
};

/** Gives a backend the time of Redis: a local clock that is wrong, or is set, then starts no delayed job early or late. */
export function useRedisClock(backend: RedisQueueBackend, clock: Pick<RedisClock, 'now'>): void {
  const run = backend.execCommand.bind(backend);
  backend.execCommand = (client, command, args: unknown[]) => {
    const at = TIME_AT[command];
    return run(client, command, at === undefined ? args : args.with(at, clock.now()));
  };
  // When the next delayed job is due, BullMQ compares with the local clock.
  const moveToActive = backend.moveToActive.bind(backend);
  backend.moveToActive = async (...request) => toLocalTime(await moveToActive(...request), clock);
  const moveToCompleted = backend.moveToCompleted.bind(backend);
  backend.moveToCompleted = async (...request) => {
    const { result, finishedOn } = await moveToCompleted(...request);
    return { result: toLocalTime(result, clock), finishedOn };
  };
  const moveToFailed = backend.moveToFailed.bind(backend);
  backend.moveToFailed = async (...request) => {
    const { result, finishedOn } = await moveToFailed(...request);
    return { result: toLocalTime(result, clock), finishedOn };
  };
  const waitForJob = backend.waitForJob.bind(backend);
  backend.waitForJob = async (...request) => {
    const marker = await waitForJob(...request);
    // 0 says: now.
    return marker && marker.score > 0 ? { ...marker, score: toLocal(marker.score, clock) } : marker;
  };
}

const toLocal = (time: number, clock: Pick<RedisClock, 'now'>): number => time - clock.now() + localNow();

/** `[job, id, ms of the rate limit, time of the next delayed job]`, as BullMQ's scripts answer: the time by the local clock. */
export function toLocalTime<Answer>(answer: Answer, clock: Pick<RedisClock, 'now'>): Answer {
  if (Array.isArray(answer) && answer[3] > 0) answer[3] = toLocal(Number(answer[3]), clock);
  return answer;
}
