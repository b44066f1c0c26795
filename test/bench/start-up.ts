/**
 * How long a command takes from the shell, against the least that a Node program can take: `npm run bench:start`.
 * The programs run in turn, so that what else the machine does falls on all of them alike; the ratios are what counts.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openLocalRedis } from '../../src/broker/local-redis/open-local-redis.ts';
import { type Bench, runBench } from './helpers/bench.ts';
import type { Row } from './helpers/row.ts';
import { PROGRAM } from './helpers/server.ts';

const EXECUTABLE = path.resolve(import.meta.dirname, '../../dist/jq');
const NOTHING = 'node, nothing';
const ROUND_TRIP = 'node, a round trip over a socket';
const IOREDIS = 'node, a round trip with ioredis';

/** What they may take, in times of what. */
const TARGETS: Record<string, [times: number, of: string]> = {
  'jq enqueue noop': [2.5, ROUND_TRIP],
  'executable: jq --help': [1.6, NOTHING],
  'executable: jq enqueue noop': [4, NOTHING],
};

export const startUp: Bench<{ rounds: number }> = {
  name: 'start',
  full: { rounds: 20 },
  short: { rounds: 1 },
  async measure({ rounds }) {
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

    const empty = path.join(folder, 'empty.cjs');
    fs.writeFileSync(empty, '');
    const node = process.execPath;
    const COMMANDS: Record<string, [string, ...string[]]> = {
      [NOTHING]: [node, empty],
      [ROUND_TRIP]: [node, bare],
      [IOREDIS]: [node, client],
      'jq --help': [node, PROGRAM, '--help'],
      'jq enqueue noop': [node, PROGRAM, 'enqueue', 'noop', '--quiet'],
      // Made by `npm run package`.
      ...(fs.existsSync(EXECUTABLE) && {
        'executable: jq --help': [EXECUTABLE, '--help'] as [string, string],
        'executable: jq enqueue noop': [EXECUTABLE, 'enqueue', 'noop', '--quiet'] as [string, ...string[]],
      }),
    };
    if (!fs.existsSync(EXECUTABLE)) console.error('start: without the executable, which `npm run package` makes');
    const times = new Map(Object.keys(COMMANDS).map((name) => [name, [] as number[]]));
    for (let round = -2; round < rounds; round += 1) {
      for (const [name, [program, ...args]] of Object.entries(COMMANDS)) {
        const began = performance.now();
        const { status, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
        if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
        // The first two rounds fill caches.
        if (round >= 0) times.get(name)!.push(performance.now() - began);
      }
    }
    redis.release();
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });

    const row = (name: string, base: string): Row => {
      const [atMost, of] = TARGETS[name] ?? [];
      return {
        figure: name,
        unit: 'ms',
        ours: times.get(name)!,
        bare: { name: base, values: times.get(base)! },
        ...(of === base && { target: { atMost: atMost! } }),
      };
    };
    return [...times.keys()].flatMap((name) => {
      if (name.startsWith('node')) return [];
      return [NOTHING, ...(name.includes('enqueue') ? [ROUND_TRIP, IOREDIS] : [])].map((base) => row(name, base));
    });
  },
};

await runBench(startUp, import.meta.main);
