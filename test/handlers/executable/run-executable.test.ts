import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHandlerCatalog } from '../../../src/handlers/catalog.ts';
import { pickEnvironment } from '../../../src/handlers/executable/environment.ts';
import { type ContextRecord, handlerContext } from '../../helpers/handler-context.ts';
import { folderOf } from '../../helpers/write-files.ts';
import { isAlive, readPid } from '../../helpers/processes.ts';

interface Attempt {
  ended: Promise<unknown>;
  record: ContextRecord;
  folder: string;
  abort(reason?: Error): void;
}

/** One attempt of an executable with this text. */
async function start(
  text: string,
  { payload = {}, env = {} }: { payload?: unknown; env?: object } = {},
): Promise<Attempt> {
  const folder = await folderOf({ 'handlers/subject.sh': text, data: 'cannot be run' });
  // Also what says nothing of the kind in its first line.
  fs.chmodSync(path.join(folder, 'handlers/subject.sh'), 0o755);
  const catalog = createHandlerCatalog(path.join(folder, 'handlers'), {
    folder,
    env: pickEnvironment({ ...process.env, ...env }, ['PASSED']),
  });
  const { run } = await catalog.get('subject');
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const { context, record } = handlerContext({
    job: { id: 'j_1', type: 'subject', queue: 'q', attempt: 2, maxAttempts: 5, fence: 7, createdAt: new Date(0) },
    signal: controller.signal,
  });
  const ended = Promise.resolve(run(payload, context));
  ended.catch(() => {});
  return { ended, record, folder, abort: (reason) => controller.abort(reason) };
}
const attempt = async (...given: Parameters<typeof start>): Promise<unknown> => (await start(...given)).ended;
const sh = (script: string): string => `#!/bin/sh\n${script}\n`;

describe('what an executable is given', () => {
  it('is the payload on stdin, as a line of JSON', async () => {
    const payload = { text: 'ä "quoted"\n', list: [1, null], big: 'x'.repeat(300_000) };
    expect(await attempt(sh('cat'), { payload })).toEqual(payload);
    expect(await attempt(sh('read -r line; printf %s "$line"'), { payload: 'a\\nb' })).toBe('a\\nb');
    expect(await attempt(sh('cat'), { payload: undefined })).toEqual({});
  });

  it('may be left unread, however large', async () => {
    expect(await attempt(sh('exec <&-; echo 1'), { payload: 'x'.repeat(1e6) })).toBe(1);
  });

  it('can be opened by name, as its output can', async () => {
    const { ended, record } = await start(sh('cat /dev/stdin >/dev/stdout; echo said >/dev/stderr'), { payload: 5 });
    expect(await ended).toBe(5);
    expect(record.logs).toEqual([{ level: 'info', message: 'said', fields: {} }]);
  });

  it('is an environment without secrets, and what it is to know of its job', async () => {
    const secrets = {
      REDIS_URL: 'canary',
      JQ_REDIS_URL: 'canary',
      JQ_REDIS_PASSWORD_FILE: 'canary',
      DATABASE_URL: 'canary',
    };
    const text = sh(`env | sed 's/.*/"&"/' | paste -sd, | sed 's/.*/[&]/'`);
    const lines = (await attempt(text, { env: { ...secrets, PASSED: 'on', TZ: 'UTC' } })) as string[];
    expect(lines.join(' ')).not.toContain('canary');
    expect(lines.filter((line) => !/^(PWD|OLDPWD|SHLVL|_|JQ_RUN)=/.test(line)).toSorted()).toEqual(
      expect.arrayContaining([
        'JQ_ATTEMPT=2',
        'JQ_CREATED_AT=1970-01-01T00:00:00.000Z',
        'JQ_FENCE=7',
        'JQ_JOB_ID=j_1',
        'JQ_JOB_TYPE=subject',
        'JQ_MAX_ATTEMPTS=5',
        'JQ_QUEUE=q',
        'PASSED=on',
        'TZ=UTC',
        `PATH=${process.env['PATH']}`,
      ]),
    );
  });

  it('is the folder of the project, and a session of its own', async () => {
    const { ended, folder } = await start(sh('printf \'["%s", %s]\' "$PWD" "$(cut -d" " -f6 /proc/self/stat)"'));
    const [cwd, session] = (await ended) as [string, number];
    expect(cwd).toBe(fs.realpathSync(folder));
    expect(session).not.toBe(Number(fs.readFileSync('/proc/self/stat', 'utf8').split(' ')[5]));
  });
});

describe('its result', () => {
  it.each([
    ['nothing', '', null],
    ['white space', 'echo; echo " "', null],
    ['JSON', `echo '{"a": [1, "ä"]}'`, { a: [1, 'ä'] }],
    ['JSON that it closes before it goes on', 'echo 1; exec >&-; sleep 0.1; echo "and on" >&2', 1],
    ['JSON with a child that holds its output', 'sleep 60 & echo 2', 2],
    ['JSON of its child', `sh -c 'echo 3'`, 3],
  ])('may be %s', async (_name, script, result) => {
    expect(await attempt(sh(script))).toEqual(result);
  });

  it('must be JSON', async () => {
    await expect(attempt(sh('echo "loading…"; echo "{}"'))).rejects.toThrow(
      'Expected JSON on stdout, got "loading… {}" (line 1, column 1: unexpected symbol); log lines belong on stderr',
    );
  });

  it('must be of a bearable size; a program that writes on is ended', async () => {
    expect(await attempt(sh('printf \'"%s"\' "$(head -c 1000000 /dev/zero | tr "\\0" x)"'))).toHaveLength(1e6);
    await expect(attempt(sh('yes'))).rejects.toThrow('Expected at most 1 MiB of JSON on stdout, got more');
  });

  it('of a program that fails is not looked at', async () => {
    await expect(attempt(sh('echo nonsense; exit 1'))).rejects.toThrow(/^Exit code 1$/);
  });
});

describe('how it ends', () => {
  it.each([
    ['exit 1', 'Error', 'Exit code 1'],
    ['exit 75', 'Error', 'Exit code 75'],
    ['exit 65', 'Discard', 'Exit code 65'],
    ['echo first >&2; echo "no such user" >&2; exit 65', 'Discard', 'Exit code 65: no such user'],
    ['kill -SEGV $$', 'Error', 'Ended by SIGSEGV'],
    [`sh -c 'kill -SEGV $$'; exit $?`, 'Error', expect.stringMatching(/^Exit code 139 \(SIGSEGV\)/)],
    ['no-such-command', 'Error', expect.stringMatching(/^Exit code 127: .*not found/)],
  ])('is told: %s', async (script, name, message) => {
    await expect(attempt(sh(script))).rejects.toMatchObject({ name, message });
  });

  it('has its last lines for a stack', async () => {
    const { ended } = await start(
      sh('seq 30 >&2; echo "{\\"level\\":\\"error\\",\\"msg\\":\\"broken\\"}" >&2; exit 3'),
    );
    const { stack } = (await ended.catch((error: Error) => error)) as Error;
    const lines = Array.from({ length: 19 }, (_, index) => String(index + 12));
    expect(stack!.split('\n')).toEqual(['Error: Exit code 3: broken', ...lines, 'broken']);
  });
});

describe('one that cannot be started', () => {
  it.each([
    [
      'echo hello',
      /^Cannot start handlers\/subject\.sh: it is no program of this system, and no script: .*#!\/bin\/sh$/,
    ],
    ['', /it is no program of this system/],
    ['#!/no/such/interpreter\n', /there is no \/no\/such\/interpreter, which its first line names$/],
    ['#!/bin/sh\r\necho 1\r\n', /its lines end as on Windows, and its first line names no interpreter therefore$/],
    ['#!./data\n', /it, or the interpreter that its first line names, may not be run$/],
    ['#!/usr/bin/env no-such-language\n', /^Exit code 127: .*no-such-language/],
  ])('has failed, and says why: %j', async (text, message) => {
    await expect(attempt(text)).rejects.toThrow(message);
  });

  it('because it is gone', async () => {
    const folder = await folderOf({ 'handlers/subject.sh': sh('') });
    const catalog = createHandlerCatalog(path.join(folder, 'handlers'), { folder, env: {} });
    const { run } = await catalog.get('subject');
    fs.rmSync(path.join(folder, 'handlers'), { recursive: true });
    await expect(run({}, handlerContext().context)).rejects.toThrow(
      'Cannot start handlers/subject.sh: the file is gone',
    );
  });

  it('for want of room waits, and pays no attempt', async () => {
    const { TMPDIR } = process.env;
    onTestFinished(() => void (TMPDIR === undefined ? delete process.env['TMPDIR'] : (process.env['TMPDIR'] = TMPDIR)));
    const { ended, record } = await start(sh('echo 1'));
    expect(await ended).toBe(1);
    process.env['TMPDIR'] = '/no/such/folder';
    const folder = path.dirname((await fs.promises.realpath('/bin/sh')).toString());
    const catalog = createHandlerCatalog(folder, { folder, env: pickEnvironment(process.env) });
    const { run } = await catalog.get('true');
    const { context, record: later } = handlerContext();
    await expect(run({}, context)).rejects.toMatchObject({ name: 'Snooze', delayMs: 5000 });
    expect(later.logs).toEqual([
      {
        level: 'error',
        message: expect.stringMatching(/^It could not be started and waits 5s: ENOENT/) as string,
        fields: {},
      },
    ]);
    expect(record.logs).toEqual([]);
  });
});

describe('when the signal aborts', () => {
  const FAMILY = `
    sleep 60 & echo $! >child
    sh -c 'trap "" TERM; echo $$ >stubborn; while :; do sleep 60; done' &
    timeout 60 sh -c 'echo $$ >other-group; sleep 60' &
    setsid -f sh -c 'echo $$ >other-session; env -i sleep 60 & echo $! >bare; wait'
    wait`;
  const MEMBERS = ['child', 'stubborn', 'other-group', 'other-session', 'bare'];

  it('ends all that it started, whatever that did to escape', async () => {
    const { ended, folder, abort } = await start(sh(FAMILY));
    const pids = await Promise.all(MEMBERS.map((name) => readPid(path.join(folder, name))));
    abort(new Error('Timed out'));
    await expect(ended).rejects.toThrow('Timed out');
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
  });

  it('asks first, so that it may end well', async () => {
    const script = 'trap \'echo "\\"saved\\""; exit 0\' TERM; echo $$ >ready; while :; do sleep 0.01; done';
    const { ended, folder, abort } = await start(sh(script));
    await readPid(path.join(folder, 'ready'));
    abort(new Error('Timed out'));
    expect(await ended).toBe('saved');
  });

  it('gives its children the time to end well, even when it ends at once', async () => {
    const child = `trap "sleep 0.1; echo saved >saved; exit" TERM; echo $$ >ready; while :; do sleep 0.01; done`;
    const { ended, folder, abort } = await start(sh(`sh -c '${child}' & wait`));
    await readPid(path.join(folder, 'ready'));
    abort(new Error('Timed out'));
    await expect(ended).rejects.toThrow('Timed out');
    expect(fs.readFileSync(path.join(folder, 'saved'), 'utf8')).toBe('saved\n');
  });

  it('before it started, ends it too', async () => {
    const { ended, abort } = await start(sh('exec sleep 60'));
    abort(new Error('The worker stops'));
    await expect(ended).rejects.toThrow('The worker stops');
  });
});

it('what is left of its group when it ends, ends', async () => {
  const { ended, folder } = await start(sh('sleep 60 & echo $! >child'));
  expect(await ended).toBeNull();
  const child = await readPid(path.join(folder, 'child'));
  // A killed process has its end a moment later.
  await expect.poll(() => isAlive(child)).toBe(false);
});

it('nothing of a run is left: no descriptor, no file', async () => {
  const count = () => fs.readdirSync('/proc/self/fd').length;
  await attempt(sh('echo 1'));
  const before = count();
  for (const script of ['echo 1', 'exit 1', 'yes']) await attempt(sh(script)).catch(() => {});
  await attempt('no script').catch(() => {});
  expect(count()).toBe(before);
});
