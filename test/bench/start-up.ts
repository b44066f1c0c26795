/**
 * How long a command takes from the shell, against the least that a Node program can take: `npm run bench:start`.
 * The programs run in turn, so that what else the machine does falls on all of them alike; the ratios are what counts.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openLocalRedis } from '../../src/broker/local-redis/open-local-redis.ts';

const ROUNDS = Number(process.argv[2] ?? 20);
const PROGRAM = path.resolve(import.meta.dirname, '../../dist/jq.cjs');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-bench-'));
fs.mkdirSync(path.join(folder, 'handlers'));
fs.writeFileSync(path.join(folder, 'handlers/noop.ts'), 'export default async (): Promise<void> => {};\n');
const redis = await openLocalRedis(folder, process.env, 1);

const socket = JSON.stringify(redis.socketPath);
const bare = path.join(folder, 'bare.cjs');
fs.writeFileSync(
  bare,
  `const s = require('net').connect(${socket}, () => s.write('PING\\r\\n')); s.on('data', () => process.exit());\n`,
);
const client = path.join(folder, 'client.cjs');
const ioredis = JSON.stringify(path.resolve(import.meta.dirname, '../../node_modules/ioredis'));
fs.writeFileSync(
  client,
  `const { Redis } = require(${ioredis}); const r = new Redis(${socket}); r.ping().then(() => r.disconnect());\n`,
);

const COMMANDS: Record<string, string[]> = {
  'node, nothing': ['-e', '0'],
  'node, one round trip over a bare socket': [bare],
  'node, one round trip with ioredis': [client],
  'jq --help': [PROGRAM, '--help'],
  'jq enqueue noop': [PROGRAM, 'enqueue', 'noop', '--quiet'],
};
const times = new Map(Object.keys(COMMANDS).map((name) => [name, [] as number[]]));
for (let round = -2; round < ROUNDS; round += 1) {
  for (const [name, args] of Object.entries(COMMANDS)) {
    const began = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
    // The first two rounds fill caches.
    if (round >= 0) times.get(name)!.push(performance.now() - began);
  }
}
redis.release();
fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });

const medianOf = (all: number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!;
const base = medianOf(times.get('node, one round trip over a bare socket')!);
console.log(`median of ${ROUNDS} rounds, node ${process.versions.node}`);
for (const [name, all] of times) {
  const median = medianOf(all);
  console.log(`${name.padEnd(42)} ${median.toFixed(0).padStart(4)} ms  ${(median / base).toFixed(2).padStart(5)}`);
}
