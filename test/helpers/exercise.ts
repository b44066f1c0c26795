import { expect } from 'vitest';
import { type FinishedJq, runJq, startJq } from './run-jq.ts';
import { folderOf } from './write-files.ts';

/** The environments of those who put jobs in (also `jq serve`), run them, and look after them: one of them names Redis. */
export interface Roles {
  producer: Record<string, string>;
  worker: Record<string, string>;
  admin: Record<string, string>;
}

const FILES = {
  'jobqueue.config.json': JSON.stringify({
    queues: { default: {}, mail: {}, spare: {} },
    work: { queues: ['default', 'mail'] },
    defaults: { backoff: { type: 'fixed', delay: '10ms' } },
    log: { level: 'warn' },
  }),
  'handlers/double.mjs': `export default async ({ n }, { once, log, progress }) => {
    log.info('doubling');
    await progress(50);
    return once('double', () => 2 * n);
  };`,
  'handlers/welcome.mjs': `export default { queue: 'mail', run: async ({ name }) => 'Welcome, ' + name };`,
  'handlers/explode.mjs': `export default { queue: 'mail', attempts: 2, run: async ({ why = 'boom' }) => { throw new Error(why); } };`,
  'handlers/stay.mjs': `export default (_payload, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));`,
};

/**
 * Uses the built program as a whole, as its users would, on a Redis of whatever shape that has nothing in it: in by HTTP and by
 * command, through a worker, into the dead letters and back, looked at and changed by most of the commands.
 */
export async function exercise({ producer, worker, admin }: Roles): Promise<void> {
  const cwd = await folderOf(FILES);
  const run = async (env: Record<string, string>, words: string[], input?: string): Promise<FinishedJq> => {
    const finished = await runJq(words, { cwd, env, ...(input === undefined ? {} : { input }) });
    expect(finished.code, `jq ${words.join(' ')}: ${finished.stderr}`).toBe(0);
    return finished;
  };
  const by = (env: Record<string, string>) => (line: string) => run(env, line.split(' '));
  const [produce, look] = [by(producer), by(admin)];
  const data = async <Data>(line: string): Promise<Data> => JSON.parse((await look(`${line} --json`)).stdout) as Data;

  const server = startJq(['serve', '--port', '0'], { cwd, env: producer });
  const [url] = await server.says(/http:\/\/\S+:\d+/);
  const post = async (path: string, body: object, headers = {}): Promise<{ status: number; body: Answer }> => {
    const answer = await fetch(url + path, {
      method: 'POST',
      // A connection that is kept may be closed by the server just when it is used again.
      headers: { 'content-type': 'application/json', connection: 'close', ...headers },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Answer };
  };

  // In.
  const job = { type: 'double', payload: { n: 21 } };
  const once = await post('/api/jobs', job, { 'idempotency-key': 'order-1' });
  expect(once).toMatchObject({ status: 201, body: { status: 'pending', queue: 'default' } });
  expect(await post('/api/jobs', job, { 'idempotency-key': 'order-1' })).toMatchObject({
    status: 200,
    body: { id: once.body.id },
  });
  const jobs = [job, { type: 'welcome', payload: { name: 'Ada' } }, { ...job, options: { priority: 3 } }];
  expect(await post('/api/jobs/bulk', { jobs })).toMatchObject({ status: 201, body: { ids: { length: 3 } } });
  const lines = Array.from({ length: 40 }, (_, n) =>
    JSON.stringify(n % 2 ? { type: 'double', payload: { n } } : { type: 'welcome', payload: { name: `${n}` } }),
  );
  await run(producer, ['enqueue', '--file', '-'], lines.join('\n'));
  const later = (await produce('enqueue double --payload {"n":4} --delay 1h')).stdout.trim();
  const soon = (await produce('enqueue double --payload {"n":5} --delay 50ms --id mine')).stdout.trim();
  await produce('enqueue double --payload {"n":6} --dedupe six');
  await look('queues pause mail');
  expect(await data('queues list')).toMatchObject([
    { name: 'default' },
    { name: 'mail', paused: true },
    { name: 'spare' },
  ]);
  await look('queues resume mail');

  // Through.
  const working = startJq(['work', '--log-level', 'info'], { cwd, env: worker });
  await working.says(/"working"/);
  const waited = await produce('enqueue double --payload {"n":50} --wait=20s --json');
  expect(JSON.parse(waited.stdout)).toMatchObject({ status: 'completed', result: 100 });
  const stay = (await produce('enqueue stay')).stdout.trim();
  await expect.poll(async () => (await data<Answer>(`jobs show ${stay}`)).status, POLL).toBe('processing');
  const [living] = (await data('workers list')) as { id: string }[];
  await look(`workers set-slots 7 ${living!.id}`);
  await look(`jobs cancel ${stay}`);
  expect(await data(`jobs show ${stay}`)).toMatchObject({ status: 'failed' });
  await look(`jobs promote ${later} --yes`);
  await expect.poll(() => data('stats'), POLL).toMatchObject({ totals: { completed: 48, waiting: 0, delayed: 0 } });
  expect(await data(`jobs show ${soon}`)).toMatchObject({ result: 10 });

  // Dead, and back.
  await run(producer, ['enqueue', '--file', '-'], Array(5).fill('{"type":"explode"}').join('\n'));
  await expect.poll(() => data('dlq list --queue mail'), POLL).toMatchObject({ total: 5 });
  expect(await data('dlq groups --queue mail')).toMatchObject({ groups: [{ count: 5 }] });
  await look('dlq replay --queue mail --limit 1 --yes');
  await expect.poll(() => data('dlq list --queue mail'), POLL).toMatchObject({ total: 5 });
  await look('dlq replay --queue mail --limit 3 --to spare --yes');
  expect(await data('jobs list --queue spare')).toMatchObject({ total: 3 });
  const done = await data<{ what: string; id: string }[]>('audit list');
  await look(`dlq replay --undo ${done.find(({ what }) => what === 'replay')!.id} --yes`);
  expect(await data('dlq list --queue mail')).toMatchObject({ total: 5 });
  await look('dlq replay --queue mail --limit 3 --to spare --yes');
  await expect.poll(() => data('dlq list --queue mail'), POLL).toMatchObject({ total: 2 });
  await look(`dlq archive --queue mail --all --to ${cwd}/dead.jsonl --yes`);
  await look(`dlq import ${cwd}/dead.jsonl --yes`);
  await look('dlq remove --queue mail --limit 1 --yes');
  await look('dlq replay --queue mail --all --yes');
  await expect.poll(() => data('dlq list --queue mail'), POLL).toMatchObject({ total: 1 });

  // Looked at and changed.
  expect((await look('jobs find payload.n:21')).stdout).toContain(once.body.id);
  const edited = (await produce('enqueue welcome --payload {"name":"Bob"} --delay 1h')).stdout.trim();
  await look(`jobs edit ${edited} --payload {"name":"Eve"} --priority 2`);
  expect(await data(`jobs show ${edited}`)).toMatchObject({ payload: { name: 'Eve' }, priority: 2 });
  await look(`jobs remove ${edited} --yes`);
  await look(`jobs logs ${once.body.id}`);
  await look(`jobs duplicate ${once.body.id}`);
  await look('queues limit mail --concurrency 3 --rate 100/s');
  await look('queues clean default --state completed --older 1ms --yes');
  await look('queues drain spare --yes');
  await produce('enqueue double --payload {"n":4} --delay 1h --queue spare');
  await look('jobs cancel --queue spare --yes');
  await look('queues remove spare --yes');
  expect((await look('top')).stdout).toMatch(/^mail\s/m);
  expect(await data('audit list')).toEqual(expect.arrayContaining([expect.objectContaining({ what: 'replay' })]));
  for (const path of [
    '/metrics',
    '/health',
    '/readyz',
    '/api/jobs/stats',
    '/api/jobs?status=failed',
    '/api/queues',
    '/api/workers',
    '/api/dlq',
    '/admin/queues/api/queues?activeQueue=&status=latest&page=1&jobsPerPage=10',
  ]) {
    const answer = await fetch(url + path);
    expect([path, answer.status]).toEqual([path, 200]);
    await answer.text();
  }
  expect((await look('keys create shop --scope enqueue')).stdout).toMatch(/^jq_/);
  expect(await data('keys list')).toMatchObject([{ name: 'shop' }]);
  await look('keys revoke shop --yes');

  await look(`workers quiet ${living!.id}`);
  await look(`workers stop ${living!.id}`);
  for (const each of [working, server]) {
    each.child.kill('SIGTERM');
    expect((await each.finished).code, each.said()).toBe(0);
  }
  expect(working.said()).not.toMatch(/"level":"(error|fatal)"/);
}

interface Answer {
  id: string;
  status: string;
}

const POLL = { timeout: 20_000, interval: 100 };
