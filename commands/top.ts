import { duration, oneOf } from '../src/lib/value-kind.ts';
import { count } from '../src/lib/text.ts';
import type { Snapshot } from '../src/jobs/snapshot-types.ts';
import type { Context } from './framework/context.ts';
import { defineCommand } from './framework/define-command.ts';
import { exitCodeOf } from './framework/interrupts.ts';
import { jsonText } from './framework/json-text.ts';
import { isLight, wantsColor } from './framework/terminal.ts';

const FASTEST_MS = 200;
const PACE_MS = 1000;
const THEMES = ['light', 'dark'] as const;

export const top = defineCommand({
  name: 'top',
  group: 'Inspect',
  summary: 'queues, jobs, dead letters and workers, live, and what to do about them',
  description:
    'Press ? for its keys. Off a terminal, or with --once or --json, it prints one frame and ends; with --interval too, one after another.',
  arguments: {},
  options: [],
  flags: {
    interval: { value: 'duration', kind: duration, description: 'How often to look (default 1s)' },
    once: { description: 'Print one frame and end, also on a terminal' },
    readOnly: { description: 'Only look: no key changes anything; also by JQ_READ_ONLY=1' },
    check: {
      value: 'conditions',
      description: "Print what does not hold, such as 'wait<1000 dlq=0', and end with 1 if anything does not",
    },
    screenReader: { description: 'Tell in sentences what there is and what changes; also by INK_SCREEN_READER=true' },
    theme: {
      value: 'theme',
      kind: oneOf('auto', ...THEMES),
      description: 'Colours for a light or a dark background (default auto, by $COLORFGBG); also by JQ_THEME',
      complete: THEMES,
    },
    mouse: { description: 'Let the mouse move, sort and open; Ctrl-O does the same later; also by JQ_MOUSE=1' },
    ascii: { description: 'Nothing but ASCII, for terminals that lack the other characters' },
  },
  examples: [
    { run: 'jq top', says: 'live, until q' },
    { run: 'jq top --interval 5s --redis redis://10.0.0.5:6379', says: 'any BullMQ installation' },
    { run: 'jq top --read-only', says: 'look, do not touch' },
    { run: 'jq top --once', says: 'one frame' },
    { run: 'jq top --json', says: 'one frame, as data' },
    { run: 'jq top --json --interval 5s', says: 'a line of data every five seconds' },
    { run: "jq top --check 'wait<1000 oldest<60s mail:dlq=0'", says: 'for cron, or a probe' },
  ],
  handlesSignals: true,
  async run(context, { flags: { interval, once, check, screenReader, readOnly, theme, ascii, mouse } }) {
    const { stdin, stdout, stderr, env, globals } = context;
    if (check !== undefined) return checkOnce(context, check);
    const everyMs = Math.max(FASTEST_MS, interval ?? PACE_MS);
    if (screenReader || env.INK_SCREEN_READER === 'true') return speakUntilStopped(context, everyMs);
    const isLive =
      !once && context.forPerson && Boolean(stdin.isTTY) && env.TERM !== 'dumb' && globals.output === undefined;
    if (!isLive) return printFrames(context, once || interval === undefined ? undefined : everyMs);
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
      light: isLight(theme ?? env.JQ_THEME, env),
      intervalMs: everyMs,
      readOnly: readOnly || isSet(env.JQ_READ_ONLY),
      mouse: mouse || isSet(env.JQ_MOUSE),
    });
  },
});

const isSet = (value: string | undefined): boolean => Boolean(value) && value !== '0';

/** One frame, or one after another when there is a pace. */
async function printFrames(context: Context, everyMs: number | undefined): Promise<number> {
  const { renderJson, renderPlain } = await import('../src/tui/plain.ts');
  const asJson = context.output.startsWith('json');
  const indent = context.output === 'json' && everyMs === undefined ? 2 : 0;
  const render = (snapshot: Snapshot) =>
    asJson ? jsonText(renderJson(snapshot), indent) : renderPlain(snapshot).trimEnd();
  if (everyMs === undefined) {
    const { takeSnapshot } = await import('../src/jobs/snapshot.ts');
    context.print(render(await takeSnapshot(await context.project())));
    return 0;
  }
  const { printFrames: printAll } = await import('../src/tui/off-screen.ts');
  // Tables stand apart from each other.
  const renderApart = (snapshot: Snapshot) => (asJson ? render(snapshot) : `${render(snapshot)}\n`);
  await printAll(await context.project('lasting'), renderApart, { ...outputOf(context), everyMs });
  return exitCodeOf(context.signal);
}

async function speakUntilStopped(context: Context, everyMs: number): Promise<number> {
  const { speak } = await import('../src/tui/off-screen.ts');
  await speak(await context.project('lasting'), { ...outputOf(context), everyMs });
  return exitCodeOf(context.signal);
}

const outputOf = (context: Context) => ({
  print: (text: string) => context.print(text),
  note: (text: string) => context.note(text),
  signal: context.signal,
});

async function checkOnce(context: Context, text: string): Promise<number> {
  const { check, parseCheck } = await import('../src/tui/check.ts');
  // Before anything is opened: what is wrong with the words has nothing to do with Redis.
  const conditions = parseCheck(text);
  const { takeSnapshot } = await import('../src/jobs/snapshot.ts');
  const snapshot = await takeSnapshot(await context.project());
  const failures = check(conditions, snapshot);
  if (context.output.startsWith('json')) context.print(jsonText({ ok: failures.length === 0, failures }));
  else if (failures.length > 0) failures.forEach(({ message }) => context.print(message));
  else context.print(`ok: ${count(conditions.length, 'condition')}, ${count(snapshot.queues.length, 'queue')}`);
  return failures.length === 0 ? 0 : 1;
}
