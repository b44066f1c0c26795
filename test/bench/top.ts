/**
 * What it costs to be watched: `npm run bench:top`. Fills a Redis of its own with 200 queues, 1,000,000 jobs, and what 40
 * workers wrote down in five minutes; keeps writing as they would; and measures the real program on a real terminal of
 * 160x45 at one refresh a second. The figures of Redis are without what the writing itself costs.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { BUCKET_MS, bucketOf, emptyFigures, type Figures, writeFigures } from '../../src/broker/figures.ts';
import { createKeys } from '../../src/broker/keys.ts';
import { findRedisServer } from '../../src/broker/local-redis/find-server.ts';
import { BEAT_MS, writeBeat } from '../../src/broker/worker-records.ts';
import { addTo, binOf } from '../../src/lib/histogram.ts';
import { fill } from './dead-letters/fill.ts';

const { values } = parseArgs({
  options: {
    queues: { type: 'string', default: '200' },
    jobs: { type: 'string', default: '1000000' },
    dead: { type: 'string', default: '20000' },
    workers: { type: 'string', default: '40' },
    seconds: { type: 'string', default: '20' },
  },
});
const [queueCount, jobs, workers, seconds] = [values.queues, values.jobs, values.workers, values.seconds].map(
  Number,
) as [number, number, number, number];
const queues = Array.from({ length: queueCount }, (_, index) => `queue-${index}`);
const TYPES = ['send-email', 'report'];

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-bench-'));
const socket = path.join(folder, 'redis.sock');
const [server, ...words] = findRedisServer(process.env).command;
const settings = { port: '0', unixsocket: socket, dir: folder, save: '', appendonly: 'no' };
const redis = spawn(server, [...words, ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])], {
  stdio: 'ignore',
});
const client = new Redis(socket, { retryStrategy: () => 20, maxRetriesPerRequest: null });
client.on('error', () => {});
const broker = { keys: createKeys('bull'), clock: { now: Date.now, start: async () => {}, stop: () => {} } };

const send = (commands: (string | number)[][]): Promise<unknown> => {
  const pipeline = client.pipeline();
  for (const [command, ...args] of commands) pipeline.call(String(command), ...args);
  return pipeline.exec();
};

/** What one queue's workers wrote in so much of a bucket: run times between 20 ms and 1 s, a failure in fifty. */
function figures(attempts: number): Map<string, Figures> {
  return new Map(
    TYPES.map((type) => {
      const some = emptyFigures();
      for (let index = 0; index < attempts; index += 1) {
        if (index % 50 === 0) some.failed += 1;
        else some.ok += 1;
        addTo(some.run, binOf(20 * 50 ** Math.random()));
        addTo(some.wait, binOf(2 * 500 ** Math.random()));
      }
      return [type, some];
    }),
  );
}

async function writePast(): Promise<void> {
  for (let back = 30; back > 0; back -= 1) {
    const start = bucketOf(Date.now()) - back * BUCKET_MS;
    await send(queues.flatMap((queue) => writeFigures(broker, queue, start, figures(100))));
  }
}

async function beat(): Promise<void> {
  const beats = Array.from({ length: workers }, (_, index) =>
    writeBeat(broker, {
      id: `host-${index % 8}/${1000 + index}`,
      host: `host-${index % 8}`,
      pid: 1000 + index,
      slotsByQueue: Object.fromEntries(queues.map((queue) => [queue, 5])),
      busy: 17,
      rssBytes: 2e8,
      loopDelayMs: 2,
      startedAt: 1e12,
      beatAt: Date.now(),
      state: 'running',
    }),
  ).flat();
  const start = bucketOf(Date.now());
  await send([...beats, ...queues.flatMap((queue) => writeFigures(broker, queue, start, figures(20)))]);
}

async function redisCpuMs(): Promise<number> {
  const info = await client.info('cpu');
  const read = (name: string) => Number(new RegExp(`^used_cpu_${name}:([\\d.]+)`, 'm').exec(info)![1]) * 1000;
  return read('user') + read('sys');
}

/** What the main thread of Redis spent on commands, by its own account. */
async function commandMs(): Promise<number> {
  const lines = (await client.info('commandstats')).matchAll(/usec=(\d+)/g);
  return [...lines].reduce((sum, [, usec]) => sum + Number(usec) / 1000, 0);
}

const refreshes = async (): Promise<number> =>
  Number(/cmdstat_zrangebyscore:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);

/** User and system time of a process, in milliseconds. */
function processCpuMs(pid: number): number {
  const fields = fs
    .readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Cost {
  redisMs: number;
  commandMs: number;
  refreshes: number;
}

async function during(ms: number): Promise<Cost> {
  const before = [await redisCpuMs(), await commandMs(), await refreshes()] as const;
  await sleep(ms);
  const after = [await redisCpuMs(), await commandMs(), await refreshes()] as const;
  return { redisMs: after[0] - before[0], commandMs: after[1] - before[1], refreshes: after[2] - before[2] };
}

/** `jq top` on a terminal that somebody else reads. @returns its pid, and how to end it */
async function startTop(): Promise<{ pid: number; stop(): Promise<void> }> {
  const pidFile = path.join(folder, 'pid');
  fs.rmSync(pidFile, { force: true });
  const program = path.resolve(import.meta.dirname, '../../dist/jq.cjs');
  const command = `stty cols 160 rows 45; sh -c 'echo $$ > ${pidFile}; exec ${process.execPath} ${program} top'`;
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, TERM: 'xterm-256color', JQ_REDIS_URL: `unix://${socket}` };
  const script = spawn('script', ['-qfec', command, '/dev/null'], {
    cwd: folder,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(script, 'exit');
  let seen = '';
  await new Promise<void>((resolve, reject) => {
    script.stdout.on('data', (chunk) => {
      seen = (seen + String(chunk)).slice(-100_000);
      if (seen.includes('live 1s')) resolve();
    });
    void exit.then(() => reject(new Error(seen)));
  });
  return {
    pid: Number(fs.readFileSync(pidFile, 'utf8')),
    async stop() {
      script.stdin.write('q');
      await exit;
    },
  };
}

const WARM_UP_MS = 15_000;
let missed = 0;
function report(what: string, figure: number, unit: string, target?: number): void {
  const met = target === undefined || figure <= target;
  if (!met) missed += 1;
  const verdict =
    target === undefined ? '' : `   target ${String(target).padStart(3)} ${unit.padEnd(3)} ${met ? 'met' : 'MISSED'}`;
  console.log(`${what.padEnd(64)}${figure.toFixed(1).padStart(7)} ${unit.padEnd(3)}${verdict}`);
}

async function measure(what: string, idle: Cost): Promise<void> {
  const top = await startTop();
  // The first refresh reads five minutes, and the engine compiles what is often run.
  await sleep(WARM_UP_MS);
  const cpu = processCpuMs(top.pid);
  const cost = await during(seconds * 1000);
  const own = (processCpuMs(top.pid) - cpu) / (seconds * 10);
  const status = fs.readFileSync(`/proc/${top.pid}/status`, 'utf8');
  await top.stop();
  const each = (pick: 'redisMs' | 'commandMs'): number => (cost[pick] - idle[pick]) / cost.refreshes;
  console.log(`\n${what}: ${cost.refreshes} refreshes in ${seconds} s`);
  report('  Redis for a refresh: its CPU, all told', each('redisMs'), 'ms', 50);
  report('    of that in commands, by its own account', each('commandMs'), 'ms');
  report('  jq top, of one core', own, '%', 5);
  report('    its memory', Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024, 'MB');
}

try {
  await fill(client, { waiting: jobs * 0.9, delayed: jobs * 0.1, dead: Number(values.dead) }, 0, queues);
  await client.sadd(broker.keys.queues, ...queues);
  await writePast();
  await beat();
  const beating = setInterval(() => void beat(), BEAT_MS);
  const memory = /used_memory_human:(\S+)/.exec(await client.info('memory'))![1];
  console.log(
    `${os.cpus().length} CPUs, load ${os.loadavg()[0]!.toFixed(1)}, node ${process.versions.node}; ${queueCount} queues, all at work, ` +
      `${jobs.toLocaleString('en-US')} jobs, ${values.dead} dead, ${workers} workers, ${memory} in Redis`,
  );
  const idle = await during(seconds * 1000);
  await client.set(broker.keys.queuesSearched, 1);
  await measure('All queues known', idle);
  await client.del(broker.keys.queuesSearched, broker.keys.queuesCursor);
  await measure('While it looks for queues that nobody has told it of', idle);
  clearInterval(beating);
} finally {
  client.disconnect();
  redis.kill('SIGKILL');
  await once(redis, 'exit');
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.exitCode = missed > 0 ? 1 : 0;
