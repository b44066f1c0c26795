/**
 * The main job on real input, from nothing to nothing: jobs come in over the command line and over HTTP, run, fail,
 * are retried, die, are replayed. Each claim that is printed was checked; the first that does not hold ends it with 1.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { startGateway, startReceiver, startSite } from './demo/counterparts.ts';
import { claim, heading, say, show } from './demo/narrator.ts';
import { openStage, type Stage } from './demo/stage.ts';

interface Job {
  id: string;
  status: string;
  attempts: number;
  result: Record<string, unknown>;
  error: string | null;
}

const began = performance.now();
process.on('uncaughtException', (error) => {
  process.stderr.write(`\n✗ ${error.message}\n`);
  process.exit(1);
});
const receiver = await startReceiver('a secret of the demo');
const site = await startSite();
const stage = await openStage({ NOTIFICATION_SECRET: receiver.secret });
try {
  await run(stage);
} finally {
  await stage.close();
  await Promise.all([receiver.close(), site.close()]);
}
await claim(
  'Nothing is left running and nothing lying about',
  async () => !(await exists(stage.folder)) && !stage.redisRuns(),
);
say(`\nAll claims hold. It took ${((performance.now() - began) / 1000).toFixed(1)} s.`);

async function run({ folder, jq, start }: Stage): Promise<void> {
  heading('Two programs and a Redis of their own, with nothing configured');
  const worker = await start(['work', '--concurrency', '5'], /working/);
  const server = await start(['serve', '--port', '0'], /http:\/\/[\w.:[\]]+\d/);
  const url = /http:\/\/[\w.:[\]]+\d/.exec(server.seen())![0];
  say(`jq work and jq serve run; ${url} takes jobs.`);

  heading('Jobs from the command line');
  const mail = await enqueue(jq, 'send-email', { to: 'ada@example.com', subject: 'Hello', body: 'It works.' });
  const letter = await fs.readFile(path.resolve(folder, String(mail.result.file)), 'utf8');
  await claim('send-email wrote an .eml file (no SMTP server is configured)', () =>
    /^To: ada@example\.com/m.test(letter),
  );

  const picture = path.join(folder, 'picture.png');
  await sharp({ create: { width: 1600, height: 900, channels: 3, background: '#3366cc' } })
    .png()
    .toFile(picture);
  const image = await enqueue(jq, 'resize-image', { source: picture, width: 320 });
  const { width, height, format } = await sharp(String(image.result.target)).metadata();
  await claim(
    'resize-image made a 320x180 webp of a 1600x900 png',
    () => `${width}x${height} ${format}` === '320x180 webp',
  );

  const rows = Array.from({ length: 50 }, (_, index) => ({
    day: `2026-11-${String((index % 28) + 1).padStart(2, '0')}`,
    orders: index * 3,
  }));
  const report = await enqueue(jq, 'generate-report', { title: 'Orders', rows });
  const workbook = await fs.readFile(path.resolve(folder, String(report.result.target)));
  await claim(
    'generate-report wrote 50 rows into an .xlsx file',
    () => workbook.subarray(0, 2).toString() === 'PK' && report.result.rows === 50,
  );

  heading('Jobs over HTTP');
  const notified = await post(url, {
    type: 'send-notification',
    payload: { url: receiver.url, event: 'order.paid', data: { order: 7 } },
  });
  await claim(
    'send-notification posted, and the receiver found the signature right',
    () => notified.status === 'completed' && receiver.verified === 1,
  );
  const scraped = await post(url, { type: 'scrape-website', payload: { url: site.url } });
  await claim(
    'scrape-website read the title and the links of a page',
    () => scraped.result.title === 'A small shop' && (scraped.result.links as unknown[]).length === 2,
  );
  const refused = await fetch(`${url}/api/jobs`, json({ type: 'send-email', payload: { to: 'nobody' } }));
  const { error } = (await refused.json()) as { error: { message: string } };
  say(`  A payload that does not fit: HTTP ${refused.status}, "${error.message}"`);
  await claim('it was refused with 422, and nothing was stored', () => refused.status === 422);

  heading('A flaky job: fails twice, then works');
  const flaky = await enqueue(jq, 'flaky', { failures: 2 });
  await claim('it was completed in its third attempt', () => flaky.status === 'completed' && flaky.attempts === 3);

  heading('A poison job: three orders cannot be charged, the file that names the gateway is missing');
  for (const order of ['A-1', 'A-2', 'A-3']) {
    await jq(['enqueue', 'charge-card', '--payload', JSON.stringify({ order, amount: 12 }), '--wait', '--quiet'], {
      code: 1,
    });
  }
  show('jq dlq list', (await jq(['dlq', 'list', '--output', 'table'])).stdout);
  await claim('all three are dead letters', async () => (await stats(url)).failed === 3);

  heading('The cause is mended, and the dead are replayed');
  const gateway = await startGateway();
  await fs.writeFile(path.join(folder, 'gateway.json'), JSON.stringify({ url: gateway.url }));
  const replay = await jq(['dlq', 'replay', '--all', '--yes', '--output', 'table']);
  show('jq dlq replay --all --yes', replay.stdout + replay.stderr);
  await claim('the gateway charged each order once', async () => {
    await until(async () => (await stats(url)).completed === 9);
    return gateway.orders.toSorted().join() === 'A-1,A-2,A-3';
  });
  await gateway.close();
  show('jq stats', (await jq(['stats', '--output', 'table'])).stdout);
  await claim('everything is completed, nothing is dead', async () => {
    const { pending, processing, completed, failed } = await stats(url);
    return pending + processing + failed === 0 && completed === 9;
  });
  show('jq top --once', (await jq(['top', '--once'])).stdout);

  heading('The end');
  await claim(
    'jq work and jq serve ended in order when asked to',
    async () => (await worker.end()) === 0 && (await server.end()) === 0,
  );
}

async function enqueue(jq: Stage['jq'], type: string, payload: object): Promise<Job> {
  const text = JSON.stringify(payload);
  const { stdout } = await jq(['enqueue', type, '--payload', text, '--wait', '--json']);
  const job = JSON.parse(stdout) as Job;
  say(`  $ jq enqueue ${type} --payload '${text.length > 70 ? `${text.slice(0, 67)}…` : text}' --wait`);
  say(`    ${job.status} after ${job.attempts === 1 ? 'one attempt' : `${job.attempts} attempts`}`);
  return job;
}

async function post(url: string, body: { type: string; payload: object }): Promise<Job> {
  const { id } = (await (await fetch(`${url}/api/jobs`, json(body))).json()) as Job;
  const job = (await (await fetch(`${url}/api/jobs/${id}?wait=10s`)).json()) as Job;
  say(`  POST /api/jobs {"type":"${body.type}", …}\n    ${job.status}`);
  return job;
}

function json(body: object): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** Jobs by status, as `GET /api/jobs/stats` counts them. */
async function stats(url: string): Promise<Record<'pending' | 'processing' | 'completed' | 'failed', number>> {
  return (await (await fetch(`${url}/api/jobs/stats`)).json()) as Awaited<ReturnType<typeof stats>>;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await holds()) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
}

function exists(file: string): Promise<boolean> {
  return fs.stat(file).then(
    () => true,
    () => false,
  );
}
