import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createCluster } from '../../src/broker/cluster-redis.ts';
import { copyDead, importDead } from '../../src/broker/dead-letter-copies.ts';
import { findDead } from '../../src/broker/dead-letters.ts';
import { replayInto } from '../../src/broker/move-dead.ts';
import { findQueues } from '../../src/broker/queues.ts';
import { listIds } from '../../src/broker/read-jobs.ts';
import { undoReplay } from '../../src/broker/replay-dead.ts';
import { cancelJob } from '../../src/jobs/cancel-job.ts';
import { removeSchedule, runSchedule } from '../../src/jobs/change-schedules.ts';
import { watchConnections } from '../../src/jobs/connections.ts';
import { enqueueMany } from '../../src/jobs/enqueue.ts';
import { watchHour } from '../../src/jobs/hour-of-types.ts';
import { latestJobs } from '../../src/jobs/latest-jobs.ts';
import type { Project } from '../../src/jobs/project.ts';
import { replayDeadLetters, undoReplayOf } from '../../src/jobs/replay-dead-letters.ts';
import { takeSnapshot } from '../../src/jobs/snapshot.ts';
import { parseAssignment } from '../../src/lib/assignment.ts';
import { rulesOf } from '../helpers/acl.ts';
import { ClusterFleet } from '../helpers/cluster.ts';
import { exercise } from '../helpers/exercise.ts';
import { runJq } from '../helpers/run-jq.ts';
import { openTestProject } from '../helpers/test-project.ts';
import { startTestWorker } from '../helpers/test-worker.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-cluster-'));
const fleet = new ClusterFleet(folder, { hasReplicas: true });
/** Those of deploy/redis/users.acl. */
const USERS = ['producer', 'worker', 'admin'];
/** Each has a master of its own. */
const QUEUES = ['a', 'b', 'c'];
const ALL = { start: 0, amount: 10 };

beforeAll(() => fleet.start());
afterAll(async () => {
  await fleet.kill();
  fs.rmSync(folder, { recursive: true, force: true });
});

it('is one Redis to every command, its queues on several masters', { timeout: 90_000 }, async () => {
  for (const node of fleet.nodes) {
    for (const user of USERS) await node.call('ACL', 'SETUSER', user, 'on', '>secret', ...rulesOf(user).split(' '));
  }
  const as = (user: string) => ({
    JQ_REDIS_URL: fleet.url.replace('://', `://${user}:secret@`),
    JQ_REDIS_MIN_REPLICAS: '1',
  });
  await exercise({ producer: as('producer'), worker: as('worker'), admin: as('admin') });
  const refused = await Promise.all(fleet.nodes.map((node) => node.call('ACL', 'LOG')));
  expect(refused.flat()).toEqual([]);
});

const openProject = (prefix: string): Promise<Project> =>
  openTestProject(fleet, {
    config: { redis: { prefix }, queues: Object.fromEntries(QUEUES.map((name) => [name, {}])) },
    handlers: { work: () => {} },
  });

it('spreads queues over its masters, and takes jobs for all of them in one call', async () => {
  const project = await openProject('spread');
  const { broker } = project;
  const masters = await Promise.all(QUEUES.map((queue) => fleet.masterOf(broker.keys.queue(queue, 'wait'))));
  expect(new Set(masters).size).toBe(3);
  // One with a key of its own makes it a transaction of single scripts.
  for (const id of [undefined, 'once']) {
    const requests = QUEUES.map((queue) => ({ type: 'work', payload: {}, options: { queue, ...(id && { id }) } }));
    const added = await enqueueMany(project, requests);
    for (const [index, queue] of QUEUES.entries()) {
      expect(await listIds(broker, queue, 'waiting', 0, 1)).toEqual([added[index]!.id]);
    }
  }
});

it('tells memory, totals and types of queues on all masters', async () => {
  const project = await openProject('told');
  await enqueueMany(
    project,
    QUEUES.map((queue) => ({ type: 'work', payload: {}, options: { queue } })),
  );
  const worker = await startTestWorker(project);
  await expect
    .poll(async () => (await takeSnapshot(project)).queues.filter(({ completed }) => completed === 1).length)
    .toBe(QUEUES.length);
  await worker.stop();
  const { queues } = await takeSnapshot(project);
  const ours = queues.filter(({ name }) => QUEUES.includes(name));
  for (const { memoryBytes, today, ever } of ours) {
    expect(memoryBytes).toBeGreaterThan(500);
    expect([today, ever]).toEqual(Array.from({ length: 2 }, () => ({ completed: 1, failed: 0, dead: 0 })));
  }
  const { types } = await watchHour(project)();
  expect(types.map(({ queue, type, ok }) => [queue, type, ok]).toSorted()).toEqual(
    QUEUES.map((queue) => [queue, 'work', 1]),
  );
});

it('lists the latest jobs and the waiting connections of all masters, and runs and removes schedules on them', async () => {
  const project = await openProject('looked');
  const added = await enqueueMany(
    project,
    QUEUES.map((queue) => ({ type: 'work', payload: {}, options: { queue } })),
  );
  const worker = await startTestWorker(project);
  await expect.poll(async () => (await latestJobs(project, ALL)).counts.completed).toBe(QUEUES.length);
  const { jobs } = await latestJobs(project, ALL);
  expect(jobs.map(({ id }) => id).toSorted()).toEqual(added.map(({ id }) => id).toSorted());
  const { connections } = await watchConnections(project)();
  expect(connections.map(({ queue }) => queue)).toEqual(expect.arrayContaining(QUEUES));
  await worker.stop();

  const connection = createCluster(project.broker.target);
  onTestFinished(() => void connection.disconnect());
  for (const name of QUEUES) {
    const queue = new Queue(`{${name}}`, { connection, prefix: 'looked' });
    await queue.upsertJobScheduler('yearly', { pattern: '0 0 3 1 1 *' }, { name: 'work' });
    await runSchedule(project, name, 'yearly');
    await removeSchedule(project, name, 'yearly');
    expect(await queue.getJobSchedulersCount()).toBe(0);
    expect(await queue.getWaitingCount()).toBe(1);
    await queue.close();
  }
});

it('finds the queues of BullMQ programs on every master', async () => {
  const { broker } = await openProject('found');
  const connection = createCluster(broker.target);
  onTestFinished(() => connection.disconnect());
  for (const name of QUEUES) {
    const queue = new Queue(`{${name}}`, { connection, prefix: 'found' });
    await queue.add('x', {});
    await queue.close();
  }
  expect(await findQueues(broker, { thoroughly: true })).toEqual(QUEUES);
});

it('moves dead letters to a queue on another master: what ends it half-way loses none, and it can be done again', async () => {
  const project = await openProject('moved');
  const { broker } = project;
  const dead = (queue: string): Promise<string[]> => listIds(broker, queue, 'failed', 0, 10);
  const requests = ['1', '2', '3'].map((n) => ({ type: 'work', payload: { n }, options: { queue: 'a' } }));
  const ids = (await enqueueMany(project, requests)).map(({ id }) => id).toSorted();
  for (const id of ids) await cancelJob(project, id);
  expect((await dead('a')).toSorted()).toEqual(ids);

  // It ended when the first two had been copied.
  const letters = await findDead(broker, 'a', ids.slice(0, 2));
  await importDead(broker, 'b', await copyDead(broker, 'a', letters));
  expect(await replayInto(broker, 'a', ids, 'r', { to: 'b' })).toBe(3);
  expect([await dead('a'), await dead('b')]).toEqual([[], []]);
  expect((await listIds(broker, 'b', 'waiting', 0, 10)).toSorted()).toEqual(ids);
  expect(await replayInto(broker, 'a', ids, 'r', { to: 'b' })).toBe(0);
  expect(await broker.redis.call('EXISTS', broker.keys.job('a', ids[0]!))).toBe(0);
});

it('brings dead letters back to the queue on another master that they died in, when their replay is undone', async () => {
  const project = await openProject('undone');
  const { broker } = project;
  const dead = async (queue: string): Promise<string[]> => (await listIds(broker, queue, 'failed', 0, 10)).toSorted();
  const connection = createCluster(broker.target);
  onTestFinished(() => connection.disconnect());
  const engine = new Queue('{a}', { connection, prefix: 'undone' });
  // A number of BullMQ's is that of one queue.
  await engine.add('work', { n: 1 });
  await engine.add('work', { n: 2 }, { jobId: 'mine' });
  await engine.close();
  const ids = ['1', 'mine'];
  for (const id of ids) await cancelJob(project, id, 'a');
  const copies = async () => copyDead(broker, 'a', await findDead(broker, 'a', ids));
  const before = await copies();

  const change = { assignments: [parseAssignment('n=3')!], allowUnknown: false };
  const { batch } = await replayDeadLetters(project, {}, { to: 'b', change });
  expect([await dead('a'), (await listIds(broker, 'b', 'waiting', 0, 10)).toSorted()]).toEqual([[], ['a-1', 'mine']]);

  // It ended when they were dead in the other queue, and one of them copied.
  for await (const amount of undoReplay(broker, 'b', batch, { countOnly: false })) expect(amount).toBe(2);
  const [letter] = await copyDead(broker, 'b', await findDead(broker, 'b', ['mine']));
  await importDead(broker, 'a', [letter!]);
  expect([await dead('a'), await dead('b')]).toEqual([['mine'], ['a-1', 'mine']]);
  expect(await undoReplayOf(project, batch, undefined)).toEqual({ undone: 0 });
  expect([await dead('a'), await dead('b')]).toEqual([ids, []]);
  expect(await copies()).toEqual(before);
  expect(await broker.redis.call('EXISTS', broker.keys.homeward('b', batch))).toBe(0);
});

it('keeps all queues together where the prefix has braces', async () => {
  const { broker } = await openProject('{all}');
  expect(broker.keys.queue('a', 'wait')).toBe('{all}:a:wait');
  const masters = await Promise.all(QUEUES.map((queue) => fleet.masterOf(broker.keys.queue(queue, 'wait'))));
  expect(new Set(masters).size).toBe(1);
});

it.each([
  ['a node of it alone', () => fleet.nodes[0]!.url, /redis\+cluster:\/\//],
  ['a Cluster that is away', () => 'redis+cluster://127.0.0.1:1,127.0.0.1:2', /Cannot reach Redis at redis\+cluster/],
])('is told from %s, shortly', async (_what, url, message) => {
  const { code, stderr } = await runJq(['queues', 'pause', 'a', '--redis', url()]);
  expect(code).toBe(4);
  expect(stderr).toMatch(message);
});
