import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FlowProducer, Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { listAudit } from '../../src/jobs/audit.ts';
import type { Project } from '../../src/jobs/project.ts';
import { type PlantedJob, plantJobs } from '../helpers/plant-jobs.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { startJq } from '../helpers/run-jq.ts';
import { createTerminal, type Terminal } from '../helpers/terminal.ts';
import { openTestProject } from '../helpers/test-project.ts';
import { folderOf } from '../helpers/write-files.ts';
import { openShell, type Shell } from '../helpers/shell.ts';

// Nothing is configured here, and the jobs are those of plain BullMQ programs.
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-acting-'));
const env = { NO_COLOR: '1', NODE_OPTIONS: '', EDITOR: "sed -i 's/old/new/'" };
const NOW = Date.now();

let redis: TestRedis;
let project: Project;
let terminal: Terminal;
let shell: Shell;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => {
  await redis.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  project = await openTestProject(redis);
  await call('FLUSHALL');
  await plantJobs(project.broker.redis, [
    ...Array.from({ length: 5 }, (_, index) =>
      dead(`down-${index}`, 'connect ECONNREFUSED 10.0.0.5:25', { to: index }),
    ),
    dead('full-1', 'Mailbox 7 is full', { to: 'old@example.com', token: 'hunter2' }),
    { id: 'waits-1', state: 'waiting', queue: 'mail', type: 'send' },
    { id: 'later-1', state: 'delayed', queue: 'mail', type: 'send', score: NOW + 3_600_000 },
  ]);
  terminal = createTerminal(100, 24);
  shell = await openShell(terminal, { cwd: folder, env });
});

afterEach(() => shell.close());

const dead = (id: string, error: string, payload: unknown): PlantedJob => ({
  id,
  state: 'failed',
  queue: 'mail',
  type: 'send',
  payload,
  score: NOW - 60_000,
  fields: { failedReason: error, stacktrace: JSON.stringify([`Error: ${error}\n    at send (/app/mail.js:3:1)`]) },
});

const call = (...words: string[]) => project.broker.redis.call(...(words as [string]));
const deadIds = async () => ((await call('ZRANGE', 'bull:mail:failed', '0', '-1')) as string[]).toSorted();
const waitingIds = () => call('LRANGE', 'bull:mail:wait', '0', '-1') as Promise<string[]>;
const audited = async () => (await listAudit(project, 20)).map(({ what, count }) => `${what} ${count}`).toReversed();

/** Starts `jq top` from the shell and waits for its data. */
async function startTop(words = ''): Promise<void> {
  terminal.type(`clear; ${process.execPath} ${inject('program')} top --redis ${redis.url} ${words}\r`);
  await terminal.waitFor(/DLQ \d/);
}

/** Types keys and waits for what they bring. */
async function keys(...steps: [keys: string, awaited: string | RegExp][]): Promise<string> {
  let lines: string[] = [];
  for (const [typed, awaited] of steps) {
    terminal.type(typed);
    lines = await terminal.waitFor(awaited);
  }
  return lines.join('\n');
}

describe('on any BullMQ Redis, from an empty folder', () => {
  test('a group of dead letters is replayed after a yes', async () => {
    await startTop();
    const asked = await keys(['3', 'ECONNREFUSED'], ['R', 'y/N']);
    expect(asked).toMatch(/Replay 5 jobs\?.*from {3}mail 5/s);
    await keys(['y', 'replayed 5   undo: jq dlq replay --undo r_']);
    expect(await deadIds()).toEqual(['full-1']);
    expect(await waitingIds()).toHaveLength(6);
    expect(await audited()).toEqual(['replay 5']);
  });

  test('marked jobs are deleted, one is replayed at once', async () => {
    await startTop();
    await keys(['l', 'ECONNREFUSED'], ['l', 'full-1'], ['/id:down-*\r', '5 shown']);
    await keys(['g', /> down-0/], ['  D', 'Delete 2 jobs?'], ['y', 'deleted 2']);
    expect(await deadIds()).toEqual(['down-2', 'down-3', 'down-4', 'full-1']);
    // Before, the first row may be one that is gone.
    await terminal.waitFor('3 shown');
    await keys(['g', /> down-2/], ['R', 'replayed down-2']);
    expect((await waitingIds()).toSorted()).toEqual(['down-2', 'waits-1']);
    expect(await audited()).toEqual(['remove 1', 'remove 1', 'retry 1']);
  });

  test('a payload is edited in $EDITOR and the job replayed with it', async () => {
    await startTop();
    const shown = await keys(['3', 'Mailbox'], ['jj\r', 'full-1'], ['\r', 'Timeline']);
    expect(shown).toContain('"token": "****"');
    await keys(['E', 'replayed full-1 with its new payload']);
    const payload = JSON.parse((await call('HGET', 'bull:mail:full-1', 'data')) as string);
    expect(payload).toEqual({ to: 'new@example.com', token: 'hunter2' });
    expect(await waitingIds()).toContain('full-1');
    expect(terminal.mode()).toMatchObject({ alternate: true, cursor: false });
  });

  test('jobs that wait are cancelled or promoted, queues paused and resumed', async () => {
    await startTop();
    await keys(['2', 'Jobs of all queues'], ['\u001b[Z', 'waits-1'], ['C', 'y/N'], ['y', 'cancelled waits-1']);
    expect(await deadIds()).toContain('waits-1');
    await keys(['\t\t', /\[delayed 1\]/], ['M', 'promoted later-1']);
    expect(await waitingIds()).toEqual(['later-1']);
    await keys(['1', 'QUEUE'], ['P', 'paused mail: P resumes it']);
    expect(await call('HEXISTS', 'bull:mail:meta', 'paused')).toBe(1);
    await keys(['r', /^ >Pmail/m], ['P', 'resumed mail']);
    expect(await audited()).toEqual(['cancel 1', 'pause 1', 'resume 1']);
  });

  test('all that wait and fit are cancelled, those that cannot be say why', async () => {
    await plantJobs(project.broker.redis, [
      ...Array.from({ length: 150 }, (_, index): PlantedJob => ({ id: `w${index}`, state: 'waiting', type: 'send' })),
      { id: 'foreign-1', state: 'active', type: 'send' },
    ]);
    await startTop();
    await keys(
      ['2', 'Jobs of all queues'],
      ['\u001b[Z', /\[waiting 151\]/],
      ['/id:w1*\r', /shown/],
      ['a', 'all that fit'],
    );
    await keys(['C', 'Cancel 61 jobs?'], ['y', 'cancelled 61']);
    await keys(['\u001b', /\[waiting 90\]/], ['aC', 'Cancel 90 jobs?'], ['n', /\[waiting 90\]/]);
    // Nobody holds it: its worker is gone.
    await keys(['\t', /^ >!foreign-1/m], ['aC', 'Cancel 1 job?'], ['y', 'runs in a worker that cannot be told']);
    expect(await deadIds()).toHaveLength(6 + 61);
    expect(await audited()).toEqual(['cancel 61']);
  });

  test('a job is added after another one in $EDITOR, or just like it', async () => {
    await startTop();
    await keys(['3', 'Mailbox'], ['jj\r', 'full-1'], ['\r', 'Timeline']);
    await keys(['B', 'Duplicate job full-1'], ['y', /added j_\S+ like full-1/]);
    await keys(['N', /added j_\S+ to mail/]);
    const fresh = (await waitingIds()).filter((id) => id.startsWith('j_'));
    const payloads = await Promise.all(fresh.map((id) => call('HGET', `bull:mail:${id}`, 'data')));
    expect(payloads.map((text) => (JSON.parse(text as string) as { to: string }).to).toSorted()).toEqual([
      'new@example.com',
      'old@example.com',
    ]);
    expect(await deadIds()).toContain('full-1');
  });

  test('what is refused of a payload is kept in a file, whose name can be read', async () => {
    await shell.close();
    terminal = createTerminal(100, 24);
    shell = await openShell(terminal, { cwd: folder, env: { ...env, EDITOR: "sed -i 's/{/{,/'" } });
    await startTop();
    await keys(['2', 'Jobs of all queues'], ['\u001b[Z', 'waits-1']);
    const told = await keys(['N', /What you wrote is in/], ['!', 'What could not be done']);
    const [, file] = /What you wrote is in\s+(\S+)/.exec(told) ?? [];
    expect(fs.readFileSync(file!, 'utf8')).toMatch(/^\{,\n/);
    fs.rmSync(path.dirname(file!), { recursive: true });
    expect(await waitingIds()).toEqual(['waits-1']);
  });

  test('a job that waits gets another time, a queue limits; it is emptied, and removed by its name', async () => {
    await startTop();
    await keys(
      ['2', 'Jobs of all queues'],
      ['\t', 'later-1'],
      ['T', 'In how long'],
      ['1h priority 3\r', 'rescheduled later-1'],
    );
    expect(await call('HGET', 'bull:mail:later-1', 'priority')).toBe('3');
    await keys(['1', 'QUEUE'], ['L', 'now    no limits'], ['2 30/m\r', 'mail: 2 at a time, 30/m']);
    await keys(['r', /mail {3}2 at a time, 30\/m/]);
    await keys(['D', 'Delete 1 job?'], ['y', 'deleted 1']);
    expect(await waitingIds()).toEqual([]);
    await keys(['r', /mail +0 +0\/0 +1 +6/]);
    await keys(['X', 'has    0 waiting, 0 active, 1 delayed, 0 completed, 6 dead'], ['mai\r', '> mai_']);
    expect(await deadIds()).toHaveLength(6);
    await keys(['l\r', 'removed mail and 7 jobs']);
    expect(await call('KEYS', 'bull:*')).toEqual([]);
    expect(await audited()).toEqual(['change 1', 'limit 1', 'remove 1', 'remove 7', 'remove-queue 1']);
  });

  test('what cannot be done says why, and changes nothing', async () => {
    await startTop();
    await keys(['2', 'Jobs of all queues'], ['\u001b[Z', 'waits-1'], ['R', 'There is nothing here to replay']);
    await keys(['\u001b[Z\u001b[Z', 'full-1'], ['  D', 'Delete 2 jobs?']);
    // One of the two goes before they are deleted: the other one is deleted all the same.
    await call('ZREM', 'bull:mail:failed', 'full-1');
    await call('DEL', 'bull:mail:full-1');
    await keys(['y', 'deleted 1 of 2   1 failed, ! says why'], ['!', 'There is no job "full-1"']);
    expect(await deadIds()).toHaveLength(4);
  });

  test('how Redis is doing, and what a page says, to be copied', async () => {
    await startTop();
    await keys(['i', /memory {8}\d.*eviction {6}noeviction/s], ['c', 'copied 9 lines'], ['\u001b', 'QUEUE']);
    const shown = await keys(
      ['2', 'Jobs of all queues'],
      ['\u001b[Z', 'waits-1'],
      ['\r\t', '[Payload]'],
      ['c', 'copied 1 line'],
    );
    expect(shown).toMatch(/mail › waits-1/);
  });

  test('a flow is walked from parent to child and back', async () => {
    const flows = new FlowProducer({ connection: { path: redis.socketPath } });
    const children = [{ name: 'part', queueName: 'parts', opts: { jobId: 'part-1' } }];
    await flows.add({ name: 'order', queueName: 'orders', opts: { jobId: 'order-1' }, children });
    await flows.close();
    await startTop();
    await keys([':', 'Commands'], ['job order-1\r', 'Timeline'], ['\u001b[Z', 'waits for 1'], ['\r', 'parts › part-1']);
    const shown = await keys(
      ['\u001b[Z', /> parent .* orders +order-1/],
      ['\r', /orders › order-1.*\[Overview\].*Flow/s],
    );
    expect(shown).toContain('waiting-children');
  });

  test('a schedule is run now, and removed', async () => {
    const queue = new Queue('mail', { connection: { path: redis.socketPath } });
    await queue.upsertJobScheduler('nightly', { pattern: '0 0 3 1 1 *' }, { name: 'report' });
    await queue.close();
    await startTop();
    await keys(['s', 'nightly'], ['R', /repeat:nightly:\d+ waits for its turn/]);
    expect(await waitingIds()).toHaveLength(2);
    await keys(['D', 'Delete schedule nightly?'], ['y', 'deleted nightly'], ['', 'No program has scheduled jobs here']);
    expect(await call('ZCARD', 'bull:mail:repeat')).toBe(0);
    expect(await audited()).toEqual(['run-schedule 1', 'remove-schedule 1']);
  });

  test('jobs of all states, each done what fits it', async () => {
    await startTop();
    await keys(['2', 'Jobs of all queues'], ['\u001b[Z\u001b[Z', /\[all 8\]/], ['/id:*-1\r', '4 shown']);
    // Among them one that waits and one that is delayed.
    await keys(['a', 'all that fit are marked'], ['R', 'Replay 2 jobs?'], ['y', 'replayed 2']);
    expect((await waitingIds()).toSorted()).toEqual(['down-1', 'full-1', 'waits-1']);
    expect(await audited()).toEqual(['retry 2']);
  });

  test('with --read-only no key changes anything', async () => {
    await startTop('--read-only');
    const shown = await keys(['3', 'ECONNREFUSED'], ['RD y', 'ECONNREFUSED'], ['j', /> Error: Mailbox|> Mailbox/]);
    expect(shown).toMatch(/^ jq top .*read-only/);
    expect(shown).not.toMatch(/R replay|D delete/);
    expect(await deadIds()).toHaveLength(6);
    expect(await audited()).toEqual([]);
  });

  test('a worker takes no more jobs, and ends', async () => {
    const cwd = await folderOf({ 'handlers/idle.js': 'export default async () => {};' });
    const worker = startJq(['work', '--redis', redis.url, '--queues', 'idle'], { cwd });
    await worker.says(/working/);
    await startTop();
    await keys(
      ['4', /running .*queues idle/],
      ['K', 'Quiet worker'],
      ['y', 'takes no more jobs'],
      ['r', /> ?S|S: quiet|quiet/],
    );
    expect(await audited()).toEqual(['quiet 1']);
    await keys(['S', 'Shut down worker'], ['y', /ends$/m]);
    await worker.finished;
    expect((await audited()).toSorted()).toEqual(['quiet 1', 'stop 1']);
  });
});

describe('many', () => {
  const MANY = 20_000;
  const filter = 'payload.n:<15000';

  beforeEach(async () => {
    const jobs = Array.from({ length: MANY }, (_, index) => dead(`m${index}`, 'out of paper', { n: index }));
    for (let start = 0; start < MANY; start += 2000)
      await plantJobs(project.broker.redis, jobs.slice(start, start + 2000));
  });

  test('all that a filter fits are deleted by their number, stopped halfway, and gone on with', async () => {
    await startTop();
    await keys(
      ['2', 'Jobs of all queues'],
      ['\u001b[Z\u001b[Z\u001b[Z', 'out of paper'],
      [`/${filter}\r`, '500 shown'],
      ['a', 'all that fit are marked'],
    );
    await keys(
      ['D', 'Type the number'],
      ['15000\r', /deleted [1-9][\d,]*\/15,000/],
      ['x', 'stopped: the same again goes on'],
    );
    const left = (await deadIds()).length;
    expect(left).toBeGreaterThan(MANY + 6 - 15_000);
    expect(left).toBeLessThan(MANY + 6);
    await keys(['a', 'all that fit are marked'], ['D', 'Type the number']);
    terminal.type(`${left - (MANY + 6 - 15_000)}\r`);
    await expect.poll(async () => (await deadIds()).length).toBe(MANY + 6 - 15_000);
  });

  test('Redis killed and started again while a question is asked: nothing is done, and it can be answered then', async () => {
    await startTop();
    await keys(['3', 'out of paper'], ['D', 'Type the number']);
    await redis.kill();
    await terminal.waitFor('Redis is away: nothing can be done until it is back');
    await keys(['20000\r', 'Redis is away: nothing was done']);
    await redis.restart();
    await terminal.waitFor('● live 1s');
    // The connection of this test comes back in its own time.
    await expect.poll(() => deadIds().catch(() => [])).toHaveLength(MANY + 6);
    await keys(['D', 'Type the number'], ['20000\r', 'deleted 20,000']);
    expect(await deadIds()).toHaveLength(6);
  });
});
