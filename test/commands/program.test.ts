import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { defineCommand, isGroup } from '../../commands/framework/define-command.ts';
import { oneOf } from '../../src/lib/value-kind.ts';
import { parseCall } from '../../commands/framework/program.ts';
import { COMMANDS } from '../../commands/index.ts';
import { JobQueueError } from '../../src/errors.ts';

const LEAVES = COMMANDS.flatMap((each) => (isGroup(each) ? each.subcommands : [each]));

function parse(...argv: string[]) {
  const call = parseCall(argv);
  if ('text' in call) throw new Error(`a text:\n${call.text}`);
  return { name: call.command.name, ...call.input, globals: call.globals, options: call.options };
}

function refusal(...argv: string[]): JobQueueError {
  try {
    parse(...argv);
  } catch (error) {
    if (error instanceof JobQueueError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('parseCall', () => {
  it('converts the values of flags', () => {
    const { args, flags } = parse(
      'enqueue',
      'mail/welcome',
      '--delay',
      '5m',
      '--backoff',
      'fixed:100ms',
      '--dedupe=user:42:10m',
      '--priority',
      '3',
    );
    expect(args).toEqual({ type: 'mail/welcome' });
    expect(flags).toMatchObject({
      delay: 300_000,
      backoff: { type: 'fixed', delay: '100ms' },
      dedupe: { key: 'user:42', ttl: '10m' },
      priority: 3,
      skipInvalid: false,
      wait: undefined,
    });
  });

  it('takes flags of every command before and after its name', () => {
    for (const argv of [
      ['--json', '-q', '--redis', 'redis://h', 'jobs', 'list'],
      ['jobs', '--redis=redis://h', 'list', '-q', '--json'],
    ]) {
      expect(parse(...argv)).toMatchObject({
        name: 'list',
        globals: { json: true, quiet: true, verbose: false, output: undefined },
        options: { 'redis.url': 'redis://h', 'redis.allowEviction': undefined },
      });
    }
  });

  it('hands rows of the option table on as they were written: the configuration checks them', () => {
    expect(parse('work', '--concurrency', '5', '--queues', 'a,b', '--allow-eviction').options).toEqual({
      'redis.url': undefined,
      'redis.allowEviction': true,
      'work.concurrency': '5',
      'work.queues': 'a,b',
      'work.grace': undefined,
      handlers: undefined,
      'log.level': undefined,
    });
  });

  it('takes a value that may be left out only after an equals sign', () => {
    expect(parse('enqueue', '--wait', 'hello')).toMatchObject({ args: { type: 'hello' }, flags: { wait: true } });
    expect(parse('enqueue', 'hello', '--wait=30s').flags).toMatchObject({ wait: 30_000 });
    expect(parse('enqueue', '--', '--wait').args).toEqual({ type: '--wait' });
  });

  it('gives variadic words as a list', () => {
    expect(parse('dlq', 'replay', 'a', 'b', '--yes')).toMatchObject({
      args: { ids: ['a', 'b'] },
      flags: { all: false, yes: true },
    });
    expect(parse('dlq', 'replay', '--all').args).toEqual({ ids: [] });
  });

  it.each([
    [['enqueue', 'x', '--delay', 'soon'], /^Expected --delay to be a duration .*, got "soon"$/],
    [['enqueue', 'x', '--backoff', 'linear:1s'], /^Expected --backoff to be a back-off .*, got "linear:1s"$/],
    [['enqueue', 'x', '--attempts', '0'], /^Expected --attempts to be an integer from 1 to 1000, got "0"$/],
    [['dlq', 'replay', '--since', 'yesterday'], /^Expected --since to be a time .*, got "yesterday"$/],
    [['dlq', 'replay', '--rate', '100'], /^Expected --rate to be a rate .*, got "100"$/],
    [['jobs', 'show'], /^Missing required argument 'ID'$/],
    [['top', '--no-such-flag'], /^Unknown option '--no-such-flag'$/],
  ])('refuses %j', (argv, message) => {
    const error = refusal(...argv);
    expect(error.code).toBe('USAGE');
    expect(error.message).toMatch(message);
  });
});

describe('every command', () => {
  it('says what it does in one short line', () => {
    const unfit = [...COMMANDS, ...LEAVES].filter(({ summary }) => !/^(?:[a-z]|Redis)[^\n.]{3,75}$/.test(summary));
    expect(unfit.map(({ name }) => name)).toEqual([]);
  });

  it('has examples, unless it is hidden', () => {
    expect(LEAVES.filter((each) => !each.hidden && each.examples.length === 0).map((each) => each.name)).toEqual([]);
  });

  const examples = LEAVES.flatMap((command) => command.examples.map(({ run }) => ({ run, name: command.name })));
  it.each(examples)('$run', ({ run, name }) => {
    expect(parse(...wordsOf(run)).name).toBe(name);
  });
});

/** The words that `jq` gets when bash runs a line. */
function wordsOf(line: string): string[] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-examples-'));
  fs.writeFileSync(path.join(folder, 'image.json'), '{}');
  const script = `jq() { printf '%s\\0' "$@" >words; }\n${line}`;
  const { status, stderr } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const words = fs.readFileSync(path.join(folder, 'words'), 'utf8').split('\0').slice(0, -1);
  fs.rmSync(folder, { recursive: true });
  return words;
}

it('types what a command gets by what it declares', () => {
  const command = defineCommand({
    name: 'typed',
    summary: 'never run',
    arguments: {
      one: { label: 'ONE', description: '', required: true },
      many: { label: 'MANY', description: '', variadic: true },
    },
    options: [],
    flags: {
      color: { value: 'color', kind: oneOf('red', 'blue'), description: '' },
      bare: { description: '' },
      tags: { value: 'tag', description: '', repeatable: true },
    },
    examples: [],
    async run(_context, { args, flags }) {
      expectTypeOf(args).toEqualTypeOf<{ readonly one: string; readonly many: string[] }>();
      expectTypeOf(flags.color).toEqualTypeOf<'red' | 'blue' | undefined>();
      expectTypeOf(flags.bare).toEqualTypeOf<boolean>();
      expectTypeOf(flags.tags).toEqualTypeOf<string[]>();
      // @ts-expect-error -- a misspelt flag
      void flags.colour;
      // @ts-expect-error -- a misspelt argument
      void args.won;
    },
  });
  expect(isGroup(command)).toBe(false);
});
