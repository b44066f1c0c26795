import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { createTerminal, type Terminal } from '../helpers/terminal.ts';
import { openShell, type Shell } from '../helpers/shell.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-top-'));
const pidFile = path.join(folder, 'pid');

let redis: TestRedis;
let terminal: Terminal;
let shell: Shell;

const env = (): NodeJS.ProcessEnv => ({ JQ_REDIS_URL: redis.url, CI: 'true', NO_COLOR: '', NODE_OPTIONS: '' });
const run = promisify(execFile);
const jq = (...words: string[]) =>
  run(process.execPath, [inject('program'), ...words], { cwd: folder, env: { ...process.env, ...env() } });

beforeAll(async () => {
  redis = await startRedis();
  fs.mkdirSync(path.join(folder, 'handlers'));
  fs.writeFileSync(path.join(folder, 'handlers', 'wait.js'), 'export default async () => {};\n');
  fs.writeFileSync(path.join(folder, 'jobqueue.config.json'), JSON.stringify({ queues: { mail: {} } }));
  for (const delay of ['0s', '0s', '1h']) await jq('enqueue', 'wait', '--queue', 'mail', '--delay', delay);
});

afterAll(async () => {
  await redis.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Starts `jq top` from the shell and waits for its data. */
async function startTop(words = ''): Promise<void> {
  shell.enter(
    `clear; sh -c 'echo $$ > ${pidFile}; exec ${process.execPath} ${inject('program')} top ${words}'; echo "ended with $?"`,
  );
  await terminal.waitFor('● live 1s');
}

/** What the terminal is left as, by itself and as the shell sees it. */
async function aftermath() {
  shell.enter('stty -a | tr " " "\\n" | grep -E "^-?(icanon|echo|isig);?$" | xargs echo modes');
  const lines = await terminal.waitFor(/^modes .+$/m);
  const { alternate, cursor, mouse } = terminal.mode();
  const modes = lines.find((line) => line.startsWith('modes '));
  return { alternate, cursor, mouse, modes, picture: lines.filter((line) => line.includes('Queues')) };
}

// Line editing, echo and Ctrl-C work again, and nothing is left of the picture.
const SANE = { alternate: false, cursor: true, mouse: false, modes: 'modes isig icanon echo', picture: [] };

describe('jq top in a real terminal', () => {
  beforeEach(async () => {
    terminal = createTerminal(80, 24);
    shell = await openShell(terminal, { cwd: folder, env: env() });
  });

  afterEach(() => shell.close());

  test('shows what waits', async () => {
    await startTop();
    const lines = await terminal.waitFor('mail');
    expect(lines[1]).toMatch(/^ wait 2 {2}active 0\/0 {2}delayed 1 {2}DLQ 0 /);
    expect(lines.find((line) => line.includes('mail'))).toMatch(/^ >!mail +2 +0\/0 +1 +0 /);
    expect(lines.join('\n')).toContain('! mail: 2 jobs waiting, no worker listening');
    expect(lines.at(-1)).toMatch(/\? help {2}q quit$/);
    expect(terminal.mode()).toMatchObject({ alternate: true, cursor: false });
  });

  test('Redis killed and started again', async () => {
    await startTop();
    await redis.kill();
    const lost = await terminal.waitFor(/○ LOST \d+s/);
    expect(lost.join('\n')).toMatch(/^ >!mail +2 /m);
    await terminal.waitFor(/retry \d+ in \ds \(r now\)/);
    await redis.restart();
    await terminal.waitFor('● live 1s');
    expect((await terminal.screen()).join('\n')).not.toContain('retry');
  });

  test('q leaves the terminal as it was', async () => {
    await startTop();
    terminal.type('q');
    await terminal.waitFor('ended with 0');
    expect(await aftermath()).toEqual(SANE);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const)('%s too', async (signal, code) => {
    await startTop();
    process.kill(Number(fs.readFileSync(pidFile, 'utf8')), signal);
    await terminal.waitFor(`ended with ${code}`);
    expect(await aftermath()).toEqual(SANE);
  });

  test('Ctrl-C too', async () => {
    await startTop();
    terminal.type('\u0003');
    await terminal.waitFor('ended with 130');
    expect(await aftermath()).toEqual(SANE);
  });

  test('Ctrl-Z gives the terminal back, fg goes on', async () => {
    await startTop();
    terminal.type('\u001a');
    await terminal.waitFor('Stopped');
    expect(await aftermath()).toEqual(SANE);
    shell.enter('fg');
    await terminal.waitFor('[1 Queues');
    expect(terminal.mode()).toMatchObject({ alternate: true, cursor: false });
    terminal.type('4');
    await terminal.waitFor('No workers. Start one: jq work');
    terminal.type('q');
    await expect.poll(() => terminal.mode().alternate).toBe(false);
    expect(await aftermath()).toEqual(SANE);
  });

  test('the mouse is given back whenever the terminal is', async () => {
    await startTop('--mouse');
    await expect.poll(() => terminal.mode().mouse).toBe(true);
    terminal.type('\u001a');
    await terminal.waitFor('Stopped');
    expect(await aftermath()).toEqual(SANE);
    shell.enter('fg');
    await terminal.waitFor('[1 Queues');
    await expect.poll(() => terminal.mode().mouse).toBe(true);
    const tabs = (await terminal.screen())[2]!;
    terminal.type(`\u001b[<0;${tabs.indexOf('4 Workers') + 1};3M`);
    await terminal.waitFor('No workers. Start one: jq work');
    process.kill(Number(fs.readFileSync(pidFile, 'utf8')), 'SIGTERM');
    await expect.poll(() => terminal.mode().alternate).toBe(false);
    expect(await aftermath()).toEqual(SANE);
  });

  test('all of it also when the program breaks', async () => {
    const breaking = path.join(folder, 'breaking.cjs');
    fs.writeFileSync(breaking, "process.on('SIGUSR2', () => { throw new Error('it broke'); });\n");
    shell.enter(`export NODE_OPTIONS='--require ${breaking}'`);
    await startTop('--mouse');
    await expect.poll(() => terminal.mode().mouse).toBe(true);
    process.kill(Number(fs.readFileSync(pidFile, 'utf8')), 'SIGUSR2');
    await terminal.waitFor(/ended with [1-9]/);
    expect(await aftermath()).toEqual(SANE);
  });

  test('in ASCII', async () => {
    shell.enter(`clear; ${process.execPath} ${inject('program')} top --ascii`);
    await terminal.waitFor('* live 1s');
    expect((await terminal.screen()).join('')).toMatch(/^\p{ASCII}*$/u);
  });

  test('the last hour by type, as a worker wrote it down, and one type of it', async () => {
    await jq('enqueue', 'wait', '--queue', 'default');
    await jq('work', '--queues', 'default', '--drain');
    await startTop();
    await terminal.waitFor('default');
    terminal.type('4h');
    const types = await terminal.waitFor(/since \d\d:\d0 {2}1 type {2}1 ok {2}0 failed/);
    expect(types.find((line) => line.startsWith(' > '))).toMatch(/^ > wait +default +1 +0 +0 +0\.0 +\d+ms/);
    terminal.type('\r');
    const wait = await terminal.waitFor('By minute');
    expect(wait.join('\n')).toMatch(/^ attempts 1 ok {2}0 failed {2}0 dead\n run .* average .*\n wait .*p50/m);
    expect(wait.join('\n')).toMatch(/ms – .* 1 +100%$/m);
    terminal.type('\u001b');
    await terminal.waitFor('of run time');
  });

  test('closing the window ends it', async () => {
    await startTop();
    const pid = Number(fs.readFileSync(pidFile, 'utf8'));
    await shell.close();
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

test('off a terminal it prints one frame and ends', async () => {
  const { stdout } = await jq('top');
  expect(stdout).toMatch(/^QUEUE +STATE +WAIT .*\n(default .*\n)?mail +noworker +2 +0\/0 +1 /);
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
