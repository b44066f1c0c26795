import { expect, test } from 'vitest';
import { describeAll, describeChanges } from '../../src/tui/speech.ts';
import { busySnapshot, queue, snapshot, worker } from './snapshots.ts';

test('everything in sentences: no boxes, no bars, no control characters', () => {
  const sentences = describeAll(busySnapshot());
  expect(sentences).toEqual([
    'redis://10.0.0.5:6379/0: 4 queues, 3 workers.',
    'In all: 1,162 waiting, 17 active, 10 delayed, 1,040 dead letters.',
    'Queue billing, with no worker: 41 waiting, 0 active, 0 dead letters, the oldest waits for 3m.',
    'Queue email: 1,021 waiting, 12 of 20 slots busy, 4 delayed, 1,038 dead letters, 212 completed and 4.1 failed a second, 95 of 100 run for less than 1.9s, the oldest waits for 6s.',
    'Queue reports, paused by ana@web-1: 88 waiting, 0 of 5 slots busy, 6 delayed, 0 dead letters, 0 completed and 0 failed a second, the oldest waits for 14m.',
    'Queue thumbnails: 12 waiting, 5 of 10 slots busy, 2 dead letters, 20 completed and 0 failed a second, 95 of 100 run for less than 4.8s, the oldest waits for 0s.',
    'Worker web-1:2210: running, 5 of 5 slots busy.',
    'Worker web-2:3411: stopping, 4 of 10 slots busy.',
    'Worker web-3:1102: lost, it gives no sign of life, 3 of 5 slots busy.',
  ]);
  expect(describeAll(snapshot({ queues: [queue('a\u001b[2J\u202eb')] })).join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test('a sentence for each thing with which something has happened', () => {
  const before = snapshot({
    queues: [queue('mail', { waiting: 5 }), queue('still', { waiting: 1 }), queue('old')],
    workers: [worker(1), worker(2)],
  });
  const now = snapshot({
    queues: [queue('mail', { waiting: 2, active: 3, failed: 1 }), queue('still', { waiting: 1 }), queue('fresh')],
    workers: [worker(1, { state: 'lost' }), worker(3)],
  });
  expect(describeChanges(before, now)).toEqual([
    'New: Queue fresh: 0 waiting, 0 of 5 slots busy, 0 dead letters, 0 completed and 0 failed a second.',
    'Queue old is gone.',
    'Queue mail: 2 waiting, 3 fewer, 3 active, 3 more, 1 dead letter, 1 more.',
    'New: Worker web-1:3: running, 0 of 5 slots busy.',
    'Worker web-1:2 has ended.',
    'Worker web-1:1: lost, it gives no sign of life, 0 of 5 slots busy.',
  ]);
  expect(describeChanges(now, now)).toEqual([]);
});

test('a pause, by whom, and its end', () => {
  const [goes, stands] = [{}, { paused: true, pausedBy: 'ana@web-1' }].map((changes) =>
    snapshot({ queues: [queue('mail', changes)] }),
  );
  expect(describeChanges(goes!, stands!)).toEqual(['Queue mail: paused by ana@web-1.']);
  expect(describeChanges(stands!, goes!)).toEqual(['Queue mail: goes on.']);
});

test('no more than a few of them at a time', () => {
  const many = (waiting: number) =>
    snapshot({ queues: Array.from({ length: 40 }, (_, index) => queue(`q${index}`, { waiting })) });
  expect(describeChanges(many(1), many(2))).toHaveLength(13);
  expect(describeChanges(many(1), many(2)).at(-1)).toBe('And 28 more queues changed.');
});
