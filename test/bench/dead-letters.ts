/**
 * Dead letters at scale, from a shell: `npm run bench:dlq`. Fills a Redis of its own with a million waiting, 100,000
 * delayed and 100,000 dead jobs, as plain BullMQ leaves them, and measures the commands against their targets. Wall time
 * counts; the CPU time beside it tells what of that was this machine being busy with other things.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { fill, QUEUES } from './dead-letters/fill.ts';
import { type Bench, runBench } from './helpers/bench.ts';
import type { Row } from './helpers/row.ts';
import { PROGRAM, redisCpuMs, startServer } from './helpers/server.ts';

interface Run {
  wallMs: number;
  cpuMs: number;
  redisMs: number;
  peakMb: number;
  stdout: string;
}

const USAGE = path.resolve(import.meta.dirname, 'dead-letters/usage.cjs');

export const deadLetters: Bench<{
  waiting: number;
  delayed: number;
  dead: number;
  kills: number;
  'append-only': number;
}> = {
  name: 'dlq',
  full: { waiting: 1_000_000, delayed: 100_000, dead: 100_000, kills: 10, 'append-only': 1 },
  short: { waiting: 2000, delayed: 1000, dead: 1000, kills: 0, 'append-only': 1 },
  async measure({ kills, 'append-only': appendOnly, ...amounts }) {
    const { folder, env, client, stop } = await startServer(appendOnly === 1);
    const rows: Row[] = [];
    function report(figure: string, value: number, unit: string, target: number, cost?: Run): void {
      rows.push({ figure, unit, ours: [value], target: { atMost: target } });
      if (cost)
        rows.push({ figure: `${figure}: processor time, with Redis`, unit: 'ms', ours: [cost.cpuMs + cost.redisMs] });
    }
    function start(args: readonly string[]): ChildProcess {
      return spawn(process.execPath, [PROGRAM, ...args], {
        cwd: folder,
        env: { ...env, NODE_OPTIONS: `--require=${USAGE}` },
        stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      });
    }

    async function run(args: readonly string[]): Promise<Run> {
      const redisBefore = await redisCpuMs(client);
      const began = performance.now();
      const child = start([...args, '--quiet']);
      const closed = once(child, 'close');
      const [stdout, usage] = await Promise.all([text(child.stdout!), text(child.stdio[3] as Readable)]);
      const [code] = (await closed) as [number];
      const wallMs = performance.now() - began;
      if (code !== 0) throw new Error(`jq ${args.join(' ')} ended with ${code}`);
      return {
        wallMs,
        redisMs: (await redisCpuMs(client)) - redisBefore,
        stdout,
        ...(JSON.parse(usage) as Pick<Run, 'cpuMs' | 'peakMb'>),
      };
    }

    /** The dead letters of type `send-email` that are left. */
    const countDead = async (): Promise<number> => {
      const counts = await Promise.all(QUEUES.map((queue) => client.zcard(`bull:${queue}:failed`)));
      return counts.reduce((sum, count) => sum + count, 0);
    };

    /** Replays 90 of 100 and is killed again and again; then to the end. @returns how many jobs were not moved exactly once */
    async function killAndGoOn(kills: number): Promise<{ wrong: number; killed: number }> {
      const queueIds = await Promise.all(QUEUES.map((queue) => client.zrange(`bull:${queue}:failed`, '0', '-1')));
      const waitingBefore = new Map(
        await Promise.all(QUEUES.map(async (queue) => [queue, await client.llen(`bull:${queue}:wait`)] as const)),
      );
      const step = Math.floor((amounts.dead * 0.9) / (kills + 2));
      let killed = 0;
      for (let round = 0; round < kills; round += 1) {
        const before = await countDead();
        const child = start(['dlq', 'replay', '--type', 'send-email', '--yes', '--quiet']);
        child.stdout!.resume();
        const closed = once(child, 'close');
        while (child.exitCode === null && before - (await countDead()) < step / 2)
          await new Promise((resolve) => setTimeout(resolve, 1));
        if (child.kill('SIGKILL')) killed += 1;
        await closed;
      }
      await run(['dlq', 'replay', '--type', 'send-email', '--yes']);
      let wrong = 0;
      for (const [index, queue] of QUEUES.entries()) {
        const ids = queueIds[index]!;
        const fresh = (await client.llen(`bull:${queue}:wait`)) - waitingBefore.get(queue)!;
        const listed = new Map<string, number>();
        for (const id of await client.lrange(`bull:${queue}:wait`, 0, fresh - 1))
          listed.set(id, (listed.get(id) ?? 0) + 1);
        const replies = (await client
          .pipeline(ids.map((id) => ['hmget', `bull:${queue}:${id}`, 'name', 'jq:replays']))
          .exec())!;
        for (const [place, id] of ids.entries()) {
          const [name, replays] = replies[place]![1] as [string, string | null];
          const times = name === 'send-email' ? 1 : 0;
          if (Number(replays ?? 0) !== times || (listed.get(id) ?? 0) !== times) wrong += 1;
        }
      }
      return { wrong, killed };
    }

    try {
      await fill(client, amounts);
      await client.config('SET', 'slowlog-max-len', '100000');
      await client.config('SET', 'slowlog-log-slower-than', '2000');
      await client.slowlog('RESET');

      const first = await run(['dlq', 'list']);
      report('the first page, nothing known of this Redis', first.wallMs, 'ms', 300, first);
      const pages = [];
      for (let round = 0; round < 5; round += 1) pages.push(await run(['dlq', 'list']));
      const page = pages.toSorted((a, b) => a.wallMs - b.wallMs)[2]!;
      report('a page, median of 5', page.wallMs, 'ms', 300, page);
      report('its memory', Math.max(first.peakMb, ...pages.map(({ peakMb }) => peakMb)), 'MB', 150);
      const groups = await run(['dlq', 'groups', '--json']);
      report(`${amounts.dead.toLocaleString('en-US')} in groups`, groups.wallMs / 1000, 's', 3, groups);
      const share = Math.round(amounts.dead * 0.9).toLocaleString('en-US');
      const replay = await run(['dlq', 'replay', '--type', 'send-email', '--yes', '--json']);
      report(`replay of ${share}, by type`, replay.wallMs / 1000, 's', 2, replay);
      const { batch } = JSON.parse(replay.stdout) as { batch: string };
      const undo = await run(['dlq', 'replay', '--undo', batch, '--yes', '--json']);
      report(
        `undo of it, among ${amounts.waiting.toLocaleString('en-US')} that wait`,
        undo.wallMs / 1000,
        's',
        10,
        undo,
      );
      if ((JSON.parse(undo.stdout) as { undone: number }).undone !== Number(share.replaceAll(',', '')))
        throw new Error(undo.stdout);
      const archive = path.join(folder, 'dead.jsonl.gz');
      const archived = await run(['dlq', 'archive', '--type', 'report', '--to', archive, '--yes']);
      report(
        `archive of ${Number(archived.stdout).toLocaleString('en-US')}, compressed`,
        archived.wallMs / 1000,
        's',
        5,
        archived,
      );
      const imported = await run(['dlq', 'import', archive, '--yes']);
      report('import of them', imported.wallMs / 1000, 's', 5, imported);

      const slow = ((await client.call('SLOWLOG', 'GET', '-1')) as [number, number, number, string[]][]).toSorted(
        (a, b) => b[2] - a[2],
      );
      report('the slowest command of ours', (slow[0]?.[2] ?? 0) / 1000, 'ms', 20);

      await client.del(...QUEUES.map((queue) => `bull:${queue}:failed`));
      await fill(client, { waiting: 0, delayed: 0, dead: amounts.dead }, 1);
      const { wrong, killed } = await killAndGoOn(kills);
      report(`jobs not moved exactly once, ${killed} times kill -9`, wrong, '', 0);
      return rows;
    } finally {
      await stop();
    }
  },
};

await runBench(deadLetters, import.meta.main);
