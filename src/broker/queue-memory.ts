import { monotonicMs } from '../lib/clock.ts';
import type { Broker } from './broker.ts';
import { JOB_STATES, type JobState } from './job-state.ts';
import type { QueueLook } from './read-queue.ts';
import { eachRead, readEach } from './read-each.ts';
import { type Argument, type Reply, ReplyError } from './redis.ts';
import { MEASURE_QUEUES } from './scripts/measure-queues.ts';

/** Queues that are measured with one look of many, and with one that is alone: a third of a millisecond of Redis each. */
export const A_FEW = 10;
export const MANY = 200;

/** What queues take of the memory of Redis, as it was measured through one connection. */
export interface QueueMemory {
  /** Commands that measure those of the queues that were not measured for the longest; `take` keeps their replies. */
  plan(queues: readonly string[], most: number): { commands: Argument[][]; take(replies: Replies): void };
  /** By what its jobs took when it was measured and how many it has now; null when that is not known. */
  bytesOf(look: Pick<QueueLook, 'name' | 'counts'>): number | null;
}
type Replies = readonly (Reply | ReplyError)[];

const HOLDS_MS = 60_000;
const FORGOTTEN_MS = 10 * HOLDS_MS;
/** One call holds Redis for a millisecond or two. */
const QUEUES_A_CALL = 5;

interface Measured {
  at: number;
  /** Of all that is no job and no list of jobs. */
  otherBytes: number;
  byState: Record<JobState, Drawn>;
}

/** Jobs of a state that were drawn, what these took, and what each takes in the list of the state. */
interface Drawn {
  jobs: number;
  bytes: number;
  entryBytes: number;
}

const memories = new WeakMap<Broker, QueueMemory>();

/** Whoever looks at the queues of a program shares what was measured. */
export function queueMemoryOf(broker: Broker): QueueMemory {
  let memory = memories.get(broker);
  if (!memory) memories.set(broker, (memory = createQueueMemory(broker)));
  return memory;
}

function createQueueMemory(broker: Broker): QueueMemory {
  const known = new Map<string, Measured>();
  let isAllowed = true;

  return {
    plan(queues, most) {
      const at = monotonicMs();
      for (const [queue, measured] of known) if (at - measured.at > FORGOTTEN_MS) known.delete(queue);
      const ageOf = (queue: string): number => at - (known.get(queue)?.at ?? -Infinity);
      const wanted = isAllowed
        ? queues
            .filter((queue) => ageOf(queue) > HOLDS_MS)
            .toSorted((a, b) => (known.get(a)?.at ?? -Infinity) - (known.get(b)?.at ?? -Infinity))
            .slice(0, most)
        : [];
      const stems = wanted.map((queue) => broker.keys.queue(queue, ''));
      return {
        commands: readEach(broker, MEASURE_QUEUES, stems, QUEUES_A_CALL),
        take(replies) {
          // Nobody is to see no queues for the lack of this.
          if (wanted.length === 0 || replies.some((reply) => reply instanceof ReplyError)) return;
          for (const [index, numbers] of eachRead<number[]>(replies).entries()) {
            if (numbers.length === 0) isAllowed = false;
            else known.set(wanted[index]!, measuredOf(numbers, at, known.get(wanted[index]!)));
          }
        },
      };
    },
    bytesOf({ name, counts }) {
      const measured = isAllowed ? known.get(name) : undefined;
      const bytes = measured ? bytesOf(measured, counts) : null;
      // It was empty then.
      if (measured && bytes === null) measured.at = -Infinity;
      return bytes;
    },
  };
}

/** What was drawn the last time counts for half: a queue whose jobs are of all sizes is known better with each time. */
function measuredOf([otherBytes, ...numbers]: readonly number[], at: number, before: Measured | undefined): Measured {
  const byState = JOB_STATES.map((state, index): [JobState, Drawn] => {
    const [count, listBytes, jobs, bytes] = numbers.slice(index * 4) as [number, number, number, number];
    const last = before?.byState[state] ?? NOTHING;
    return [
      state,
      {
        jobs: jobs + last.jobs / 2,
        bytes: bytes + last.bytes / 2,
        entryBytes: count === 0 ? last.entryBytes : listBytes / count,
      },
    ];
  });
  return { at, otherBytes: otherBytes!, byState: Object.fromEntries(byState) as Measured['byState'] };
}

const NOTHING: Drawn = { jobs: 0, bytes: 0, entryBytes: 0 };

function bytesOf({ otherBytes, byState }: Measured, counts: Readonly<Record<JobState, number>>): number | null {
  const states = JOB_STATES.filter((state) => counts[state] > 0);
  const drawn = Object.values(byState).filter(({ jobs }) => jobs > 0);
  if (states.length > 0 && drawn.length === 0) return null;
  const usual = drawn.reduce((sum, { bytes }) => sum + bytes, 0) / drawn.reduce((sum, { jobs }) => sum + jobs, 0);
  const ofJobs = states.map((state) => {
    const { jobs, bytes, entryBytes } = byState[state];
    return counts[state] * ((jobs === 0 ? usual : bytes / jobs) + entryBytes);
  });
  return Math.round(ofJobs.reduce((sum, bytes) => sum + bytes, otherBytes));
}
