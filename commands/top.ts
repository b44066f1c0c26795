import { duration } from '../src/lib/value-kind.ts';
import type { Context } from './framework/context.ts';
import { defineCommand } from './framework/define-command.ts';
import { jsonText } from './framework/json-text.ts';
import { wantsColor } from './framework/terminal.ts';

const FASTEST_MS = 200;

export const top = defineCommand({
  name: 'top',
  group: 'Inspect',
  summary: 'queues, jobs, dead letters and workers, live, and what to do about them',
  description: 'Press ? for its keys. Off a terminal, or with --once or --json, it prints one frame and ends.',
  arguments: {},
  options: [],
  flags: {
    interval: { value: 'duration', kind: duration, description: 'How often to look (default 1s)' },
    once: { description: 'Print one frame and end, also on a terminal' },
    readOnly: { description: 'Only look: no key changes anything; also by JQ_READ_ONLY=1' },
    ascii: { description: 'Nothing but ASCII, for terminals that lack the other characters' },
  },
  examples: [
    { run: 'jq top', says: 'live, until q' },
    { run: 'jq top --interval 5s --redis redis://10.0.0.5:6379', says: 'any BullMQ installation' },
    { run: 'jq top --read-only', says: 'look, do not touch' },
    { run: 'jq top --once', says: 'one frame' },
    { run: 'jq top --json', says: 'one frame, as data' },
  ],
  handlesSignals: true,
  async run(context, { flags: { interval = 1000, once, ascii, readOnly } }) {
    const { stdin, stdout, stderr, env, globals } = context;
    const isLive =
      !once && context.forPerson && Boolean(stdin.isTTY) && env.TERM !== 'dumb' && globals.output === undefined;
    if (!isLive) return printFrame(context);
    const project = await context.project('lasting');
    const { runTop } = await import('../src/tui/top.tsx');
    const color = wantsColor(globals.color, env, stdout);
    return runTop(project, {
      stdin,
      stdout,
      stderr,
      env,
      color,
      ascii,
      intervalMs: Math.max(FASTEST_MS, interval),
      readOnly: readOnly || Boolean(env.JQ_READ_ONLY && env.JQ_READ_ONLY !== '0'),
    });
  },
});

async function printFrame(context: Context): Promise<void> {
  const { takeSnapshot } = await import('../src/jobs/snapshot.ts');
  const { renderJson, renderPlain } = await import('../src/tui/plain.ts');
  const snapshot = await takeSnapshot(await context.project());
  if (context.output.startsWith('json'))
    context.print(jsonText(renderJson(snapshot), context.output === 'json' ? 2 : 0));
  else context.print(renderPlain(snapshot).trimEnd());
}
