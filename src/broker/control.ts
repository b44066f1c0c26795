import { monotonicMs, sleep } from '../lib/clock.ts';
import { uuidV7 } from '../lib/uuid.ts';
import type { Broker } from './broker.ts';
import { subscribe } from './lasting-redis.ts';
import { unwrap } from './redis.ts';

/** What a worker process can be asked while it runs. */
export type ControlRequest =
  /** To end those of these jobs that run there. */
  | { kind: 'cancel'; queue: string; ids: readonly string[]; by: string }
  /** To take no more jobs; to end in order. */
  | { kind: 'quiet' | 'stop'; worker: string }
  /** To run so many jobs at a time of one of its queues, or of each. */
  | { kind: 'set-slots'; worker: string; queue?: string | undefined; slots: number };

export type ControlKind = ControlRequest['kind'];

/** Every process answers, also that it is not concerned: by that it is known when all have. */
export interface ControlAnswer {
  worker: string;
  isDone: boolean;
  /** Why not, when it is concerned and refuses. */
  refusal?: string;
  /** Which jobs it was, where only some may have been meant. */
  ids?: readonly string[];
}

const ANSWER_MS = 1000;
const KEPT_MS = 10_000;
const LOOK_EVERY_MS = 5;

const isAnswered = (answers: readonly ControlAnswer[]): boolean =>
  answers.some(({ isDone, refusal }) => isDone || refusal !== undefined);

/**
 * Asks all worker processes.
 * @param isEnough whether the answers so far will do: one that did it, or refused
 * @returns the answers up to then, at most those of a second
 */
export async function askWorkers(
  { redis, keys }: Broker,
  request: ControlRequest,
  isEnough = isAnswered,
): Promise<ControlAnswer[]> {
  const name = uuidV7();
  const listeners = Number(await redis.call('PUBLISH', keys.control, JSON.stringify({ name, request })));
  const answers: ControlAnswer[] = [];
  // By asking again and again, and not by one blocking read: the connection may be shared.
  for (const deadline = monotonicMs() + ANSWER_MS; answers.length < listeners && monotonicMs() < deadline;) {
    const fresh = (await redis.call('LRANGE', keys.answers(name), answers.length, -1)) as string[];
    answers.push(...fresh.map((text) => JSON.parse(text) as ControlAnswer));
    if (isEnough(answers)) break;
    await sleep(LOOK_EVERY_MS);
  }
  return answers;
}

/** Hears requests in a worker process, does what concerns it, and answers; `close` returns when all answers have been given. */
export async function listenForRequests(
  { redis, keys, target }: Broker,
  worker: string,
  handle: (request: ControlRequest) => Omit<ControlAnswer, 'worker'>,
): Promise<{ close(): Promise<void> }> {
  const underWay = new Set<Promise<void>>();
  async function answer(text: string): Promise<void> {
    const { name, request } = JSON.parse(text) as { name: string; request: ControlRequest };
    const reply: ControlAnswer = { worker, ...handle(request) };
    const key = keys.answers(name);
    const replies = await redis.pipeline([
      ['RPUSH', key, JSON.stringify(reply)],
      ['PEXPIRE', key, KEPT_MS],
    ]);
    for (const each of replies) unwrap(each);
  }
  // A request that cannot be read or answered is the asker's trouble: it hears nothing.
  const subscription = await subscribe(target, keys.control, (text) => {
    const answering = answer(text)
      .catch(() => {})
      .finally(() => underWay.delete(answering));
    underWay.add(answering);
  });
  return {
    async close() {
      subscription.close();
      await Promise.all(underWay);
    },
  };
}
