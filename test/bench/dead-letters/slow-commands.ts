import fs from 'node:fs';
import path from 'node:path';
import type { Redis } from 'ioredis';
import { ENGINE } from '../../../src/broker/engine-scripts.ts';
import type { Script } from '../../../src/broker/script.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../src/broker/scripts');
/** About as long as the longest of ours, and nothing but counting: what takes it longer is done by the machine. */
const COUNTING = 'local n = 0 for index = 1, 600000 do n = n + index end return n';
const CONTROL = 'counting';

export interface SlowCommand {
  name: string;
  ms: number;
}

/** Has Redis write down what takes longer than a millisecond. */
export async function watchCommands(client: Redis): Promise<void> {
  await client.config('SET', 'slowlog-max-len', '100000');
  await client.config('SET', 'slowlog-log-slower-than', '1000');
}

/** Until {@link watchCommands} is called again. */
export const lookAway = (client: Redis): Promise<unknown> => client.config('SET', 'slowlog-log-slower-than', '-1');

/** Runs a script that only counts, again and again: how long that takes at the most is due to the machine. */
export function startCounting(client: Redis): { stop(): void } {
  const own = client.duplicate();
  own.on('error', () => {});
  const timer = setInterval(() => void own.eval(COUNTING, 0).catch(() => {}), 50);
  return {
    stop() {
      clearInterval(timer);
      own.disconnect();
    },
  };
}

/** What Redis has written down: the commands of ours, and those that only count. Inner commands of a script are part of it. */
export async function readSlowCommands(client: Redis): Promise<{ ours: SlowCommand[]; counting: SlowCommand[] }> {
  const scripts = await readScripts();
  const entries = (await client.call('SLOWLOG', 'GET', '-1')) as [number, number, number, string[]][];
  const all = entries.map(([, , us, [command = '', script = '']]) => ({
    name: /^eval/i.test(command) ? nameOf(script, scripts) : command.toLowerCase(),
    ms: us / 1000,
  }));
  return {
    ours: all.filter(({ name }) => name !== CONTROL && name !== 'slowlog'),
    counting: all.filter(({ name }) => name === CONTROL),
  };
}

async function readScripts(): Promise<Map<string, Script>> {
  const scripts = new Map<string, Script>(Object.entries(ENGINE));
  for (const file of fs.readdirSync(FOLDER)) {
    const all = (await import(path.join(FOLDER, file))) as Record<string, unknown>;
    for (const [name, value] of Object.entries(all)) {
      if (typeof value === 'object' && value !== null && 'sha1' in value) scripts.set(name, value as Script);
    }
  }
  return scripts;
}

/** Redis keeps the first 128 characters of an argument, which several scripts may begin with. */
function nameOf(text: string, scripts: Map<string, Script>): string {
  const begin = text.slice(0, 100);
  if (COUNTING.startsWith(begin)) return CONTROL;
  const names = [...scripts].filter(([, { sha1, source }]) => sha1 === text || source.startsWith(begin));
  return names.map(([name]) => name).join(' or ') || 'a script';
}
