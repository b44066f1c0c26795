import type { QueueSummary, Snapshot, WorkerSummary } from '../jobs/snapshot-types.ts';
import { cleanLine, count, grouped } from '../lib/text.ts';
import { age, rate, span } from './cells.ts';
import { addressOf, healthOf } from './health.ts';

/** More sentences at a time nobody listens to. */
const MOST = 12;

/** The state of everything, for ears: whole sentences, one a line. */
export function describeAll({ queues, workers, totals, redis }: Snapshot): string[] {
  const { waiting, active, delayed, failed } = totals;
  return [
    `${cleanLine(redis.label)}: ${count(queues.length, 'queue')}, ${count(workers.length, 'worker')}.`,
    `In all: ${grouped(waiting)} waiting, ${grouped(active)} active, ${grouped(delayed)} delayed, ${count(failed, 'dead letter')}.`,
    ...shorten(queues.map(describeQueue), 'queues'),
    ...shorten(workers.map(describeWorker), 'workers'),
  ];
}

/** What has changed between two looks: a sentence for each queue and worker with which something has happened. */
export function describeChanges(before: Snapshot, now: Snapshot): string[] {
  const queues = changesOf(before.queues, now.queues, ({ name }) => name);
  const workers = changesOf(before.workers, now.workers, ({ id }) => id);
  return [
    ...shorten(
      [
        ...queues.come.map((queue) => `New: ${describeQueue(queue)}`),
        ...queues.gone.map(({ name }) => `Queue ${cleanLine(name)} is gone.`),
        ...queues.both.flatMap(([was, is]) => describeChange(was, is)),
      ],
      'queues changed',
    ),
    ...shorten(
      [
        ...workers.come.map((worker) => `New: ${describeWorker(worker)}`),
        ...workers.gone.map((worker) => `Worker ${cleanLine(addressOf(worker))} has ended.`),
        ...workers.both.flatMap(([was, is]) => (was.state === is.state ? [] : describeWorker(is))),
      ],
      'workers changed',
    ),
  ];
}

function describeQueue(queue: QueueSummary): string {
  const {
    waiting,
    active,
    slots,
    delayed,
    failed,
    completedPerSecond: ok,
    failedPerSecond,
    p95Ms,
    oldestWaitingMs,
  } = queue;
  const parts = [
    `${grouped(waiting)} waiting`,
    slots > 0 ? `${grouped(active)} of ${count(slots, 'slot')} busy` : `${grouped(active)} active`,
    ...(delayed > 0 ? [`${grouped(delayed)} delayed`] : []),
    count(failed, 'dead letter'),
    ...(ok === null ? [] : [`${rate(ok)} completed and ${rate(failedPerSecond ?? 0)} failed a second`]),
    ...(p95Ms === null ? [] : [`95 of 100 run for less than ${span(p95Ms)}`]),
    ...(oldestWaitingMs === null ? [] : [`the oldest waits for ${age(oldestWaitingMs)}`]),
  ];
  return `Queue ${cleanLine(queue.name)}${stateOf(queue)}: ${parts.join(', ')}.`;
}

function stateOf(queue: QueueSummary): string {
  const by = queue.pausedBy === null ? '' : ` by ${cleanLine(queue.pausedBy)}`;
  return { ok: '', paused: `, paused${by}`, noworker: ', with no worker' }[healthOf(queue)];
}

function describeChange(was: QueueSummary, is: QueueSummary): string[] {
  const changes = [
    ...(healthOf(was) === healthOf(is) ? [] : [healthOf(is) === 'ok' ? 'goes on' : stateOf(is).replace(', ', '')]),
    ...moved(was.waiting, is.waiting, 'waiting'),
    ...moved(was.active, is.active, 'active'),
    ...moved(was.failed, is.failed, is.failed === 1 ? 'dead letter' : 'dead letters'),
  ];
  return changes.length === 0 ? [] : [`Queue ${cleanLine(is.name)}: ${changes.join(', ')}.`];
}

const moved = (was: number, is: number, what: string): string[] =>
  was === is ? [] : [`${grouped(is)} ${what}, ${grouped(Math.abs(is - was))} ${is > was ? 'more' : 'fewer'}`];

function describeWorker(worker: WorkerSummary): string {
  const state = worker.state === 'lost' ? 'lost, it gives no sign of life' : worker.state;
  return `Worker ${cleanLine(addressOf(worker))}: ${state}, ${worker.busy} of ${count(worker.slots, 'slot')} busy.`;
}

/** Those on the second list only, on the first only, and on both. */
function changesOf<Thing>(before: readonly Thing[], now: readonly Thing[], keyOf: (thing: Thing) => string) {
  const [was, is] = [before, now].map((list) => new Map(list.map((thing) => [keyOf(thing), thing]))) as [
    Map<string, Thing>,
    Map<string, Thing>,
  ];
  return {
    come: now.filter((thing) => !was.has(keyOf(thing))),
    gone: before.filter((thing) => !is.has(keyOf(thing))),
    both: now.flatMap((thing): [Thing, Thing][] => (was.has(keyOf(thing)) ? [[was.get(keyOf(thing))!, thing]] : [])),
  };
}

const shorten = (sentences: readonly string[], what: string): string[] =>
  sentences.length <= MOST
    ? [...sentences]
    : [...sentences.slice(0, MOST), `And ${sentences.length - MOST} more ${what}.`];
