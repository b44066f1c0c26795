/**
 * The pictures of `jq top` in the manual: `npm run pictures`. Runs the real program, with the demo's handlers, on a Redis of
 * its own and under some load, on a pseudo-terminal, and writes what the terminal shows to docs/pictures as SVG.
 */
import fs from 'node:fs';
import path from 'node:path';
import { openShell } from '../test/helpers/shell.ts';
import { createTerminal, type Run } from '../test/helpers/terminal.ts';
import { startReceiver, startSite } from './demo/counterparts.ts';
import { openStage, type Stage } from './demo/stage.ts';
import { renderSvg, type ThemeName } from './pictures/render-svg.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const FOLDER = path.join(ROOT, 'docs/pictures');
const NAMES = `--require=${path.join(ROOT, 'scripts/pictures/names.cjs')}`;

interface Picture {
  name: string;
  title: string;
  size: [columns: number, rows: number];
  theme?: ThemeName;
  /** What is typed, and what shows then. */
  steps: readonly [keys: string, shows: RegExp][];
}

const PICTURES: readonly Picture[] = [
  { name: 'queues', title: 'jq top: the queues', size: [100, 24], steps: [['', /mail/]] },
  {
    name: 'queues-wide',
    title: 'jq top: the queues in a wide terminal',
    size: [160, 36],
    steps: [['', /DRAIN/]],
  },
  {
    name: 'queues-light',
    title: 'jq top: on a light background',
    size: [120, 36],
    theme: 'light',
    steps: [['', /DRAIN/]],
  },
  {
    name: 'limit',
    title: 'jq top: a queue gets limits',
    size: [100, 24],
    steps: [
      ['', /mail/],
      ['L', /now /],
      ['3 100/s', /100\/s_/],
    ],
  },
  {
    name: 'types',
    title: 'jq top: the last hour by type',
    size: [160, 36],
    steps: [
      ['4', /BEAT/],
      ['h', /p50 of wait/],
    ],
  },
  {
    name: 'type',
    title: 'jq top: run times of one type',
    size: [100, 36],
    steps: [
      ['4', /BEAT/],
      ['h', /send-email/],
      ['\r', /By minute/],
    ],
  },
  { name: 'redis', title: 'jq top: how Redis is doing', size: [100, 24], steps: [['i', /eviction/]] },
  {
    name: 'jobs',
    title: 'jq top: jobs by state',
    size: [100, 24],
    steps: [
      ['2', /Jobs of all queues/],
      ['\u001b[Z', /generate-report/],
    ],
  },
  {
    name: 'dead-letters',
    title: 'jq top: dead letters in groups',
    size: [100, 24],
    steps: [['3', /ENOENT/]],
  },
  {
    name: 'replay',
    title: 'jq top: before many dead letters are replayed',
    size: [100, 24],
    steps: [
      ['3', /ENOENT/],
      ['R', /Replay .*\?/],
    ],
  },
  {
    name: 'job',
    title: 'jq top: one job',
    size: [100, 30],
    steps: [
      ['3', /ENOENT/],
      ['l', /charge-card/],
      ['\r', /Timeline/],
    ],
  },
  { name: 'workers', title: 'jq top: the workers', size: [100, 24], steps: [['4', /BEAT/]] },
  { name: 'events', title: 'jq top: what happens', size: [100, 24], steps: [['5', /completed/]] },
  { name: 'palette', title: 'jq top: the palette', size: [100, 24], steps: [[':', /choose/]] },
  { name: 'help', title: 'jq top: its keys', size: [160, 36], steps: [['?', /Ctrl-Z/]] },
];

/** How long it works before the pictures are taken: the sparkline shows five minutes. */
const WARM_UP_MS = 75_000;

const receiver = await startReceiver('a secret of the pictures');
const site = await startSite();
const environment = { NOTIFICATION_SECRET: receiver.secret, NODE_OPTIONS: NAMES };
const stage = await openStage(environment, ['webhooks', 'reports', 'billing']);
try {
  await load(stage, 0);
  await stage.jq(['queues', 'pause', 'reports']);
  await stage.start(['work', '--queues', 'default,webhooks,reports', '--concurrency', '5'], /working/);
  await stage.start(['work', '--queues', 'mail', '--concurrency', '10'], /working/);
  const until = performance.now() + WARM_UP_MS;
  for (let round = 1; performance.now() < until; round += 1) {
    await load(stage, round);
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
  fs.mkdirSync(FOLDER, { recursive: true });
  for (const picture of PICTURES) await take(picture);
} finally {
  await stage.close();
  await Promise.all([receiver.close(), site.close()]);
}

/** Run as if the handlers lay in `/srv/app`. */
function moveAway(run: Run): Run {
  const text = run.text.replaceAll(ROOT, '/srv/app');
  return { ...run, text, columns: run.columns - (run.text.length - text.length) };
}

/** Some of everything, more in some rounds than in others. */
async function load({ folder, jq }: Stage, round: number): Promise<void> {
  const wave = Math.round(40 + 30 * Math.sin(round / 3));
  const some = (amount: number, make: (index: number) => object): object[] =>
    Array.from({ length: amount }, (_, index) => make(round * 100 + index));
  const jobs = [
    ...some(wave * 3, (n) => ({
      type: 'send-email',
      payload: { to: `user${n}@example.com`, subject: `Order ${n}` },
    })),
    ...some(wave / 3, (n) => ({
      type: 'send-notification',
      payload: { url: receiver.url, event: 'order.paid', data: { order: n } },
      options: { queue: 'webhooks' },
    })),
    ...some(4, () => ({ type: 'scrape-website', payload: { url: site.url } })),
    ...some(3, (n) => ({ type: 'flaky', payload: { failures: n % 4 } })),
    ...some(1, (n) => ({ type: 'charge-card', payload: { order: `A-${n}`, amount: 12 } })),
    ...some(1, () => ({ type: 'flaky', payload: { failures: 9 }, options: { queue: 'webhooks' } })),
    ...some(2, (n) => ({
      type: 'generate-report',
      payload: { title: `Orders ${n}`, rows: [{ day: '2026-11-01', orders: n }] },
      options: { queue: 'reports' },
    })),
    // Nobody works on this queue.
    ...some(1, (n) => ({
      type: 'charge-card',
      payload: { order: `B-${n}`, amount: 5 },
      options: { queue: 'billing' },
    })),
    ...some(1, (n) => ({
      type: 'send-email',
      payload: { to: `user${n}@example.com`, subject: 'How did you like it?' },
      options: { delay: '6h' },
    })),
  ];
  const file = path.join(folder, 'jobs.jsonl');
  fs.writeFileSync(file, jobs.map((job) => `${JSON.stringify(job)}\n`).join(''));
  await jq(['enqueue', '--file', file]);
}

async function take({ name, title, size, theme = 'dark', steps }: Picture): Promise<void> {
  const terminal = createTerminal(...size);
  const shell = await openShell(terminal, { cwd: stage.folder, env: { NO_COLOR: '', ...environment } });
  shell.enter(`clear; exec ${process.execPath} ${path.join(ROOT, 'dist/jq.cjs')} top --theme ${theme}`);
  try {
    await terminal.waitFor('● live');
    for (const [keys, shows] of steps) {
      if (keys !== '') terminal.type(keys);
      await terminal.waitFor(shows);
    }
    // Where this checkout is, is nobody's business.
    const rows = (await terminal.runs()).map((runs) => runs.map(moveAway));
    write(name, renderSvg(rows, title, theme));
    terminal.type('\u0003');
  } finally {
    await shell.close();
  }
}

function write(name: string, svg: string): void {
  fs.writeFileSync(path.join(FOLDER, `${name}.svg`), svg);
  process.stdout.write(`docs/pictures/${name}.svg  ${(svg.length / 1024).toFixed(1)} kB\n`);
}
