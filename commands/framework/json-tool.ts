import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { JobQueueError } from '../../src/errors.ts';
import { COMMANDS } from '../index.ts';
import type { HostProcess } from './main.ts';

// The JSON tool is called jq, too. A call that can only be meant for it is handed to it, so that having this program
// first on PATH breaks nobody's scripts. Our commands are words of letters: what is no such word, and not an id or a type
// (`j_01…`, `mail/welcome`) that somebody typed without its command, is a filter; so are the tool's own words.

const SIGNS = /^[.[{'"($@\d]|[(|[\]{}<>=;$"]/;
const WORDS =
  /^(add|all|any|arrays|ascii_downcase|ascii_upcase|booleans|ceil|empty|env|explode|first|flatten|floor|from_entries|fromdate|fromjson|gmtime|implode|input|inputs|iterables|join|keys_unsorted|last|length|max|min|mktime|nan|not|now|null|nulls|numbers|objects|paths|recurse|reverse|round|scalars|sort|sqrt|strings|to_entries|toarray|todate|tojson|tonumber|tostring|transpose|tostream|true|false|type|unique|utf8bytelength|values)(?![\w/-])/;
const SHORT_FLAGS = /^-[rncsRjaSCMebfL]+$/;
const LONG_FLAGS = new Set(
  'arg argfile argjson args ascii-output color-output compact-output exit-status from-file indent join-output jsonargs monochrome-output null-input raw-input raw-output raw-output0 rawfile seq slurp slurpfile sort-keys stream stream-errors tab unbuffered'
    .split(' ')
    .map((name) => `--${name}`),
);
/** Whether it is a command and no filter: `keys` is both, and ours only when it stands first and alone. */
const isOurs = (word: string): boolean => word !== 'keys' && COMMANDS.some(({ name }) => name === word);

/** Whether `argv` is a call of the JSON tool: `jq .a`, `jq -r '.x'`, `jq length`. Off with JQ_NO_PASSTHROUGH=1. */
export function isForJsonTool(argv: readonly string[], env: NodeJS.ProcessEnv): boolean {
  const [first = ''] = argv;
  if (env.JQ_NO_PASSTHROUGH) return false;
  if (!first.startsWith('-')) return isFilter(first);
  const words = argv.filter((word) => !word.startsWith('-'));
  const isJsonFlag = SHORT_FLAGS.test(first) || LONG_FLAGS.has(first);
  return isJsonFlag && words.length > 0 && !words.some(isOurs);
}

function isFilter(word: string): boolean {
  const [head = '', ...more] = word.split(/\s+/);
  return SIGNS.test(word) || WORDS.test(word) || (more.length > 0 && !isOurs(head));
}

/**
 * Runs the JSON tool in our place.
 * @returns its exit code
 * @throws JobQueueError USAGE when there is none on PATH
 */
export async function runJsonTool(argv: readonly string[], host: HostProcess): Promise<number> {
  // Another copy of this program, or a script that calls one, may stand first on PATH: it must not hand the call back.
  // What was tried once is not tried again, so this ends whatever stands there.
  const copies = [
    ...(host.env.JQ_COPIES ?? '').split(path.delimiter),
    realPath(host.argv[1] ?? ''),
    realPath(process.execPath),
  ];
  const tool = executablesNamed('jq', host.env.PATH ?? '').find((file) => !copies.includes(realPath(file)));
  if (tool === undefined) {
    throw new JobQueueError(
      'USAGE',
      `This is jq, the job queue; "${argv[0]}" looks like a call of jq, the JSON tool, which is not on PATH`,
      {
        hint: 'See: jq --help. The job queue is also called jobq.',
      },
    );
  }
  const env = { ...host.env, JQ_COPIES: [...copies, realPath(tool)].filter(Boolean).join(path.delimiter) };
  const { spawn } = await import('node:child_process');
  const child = spawn(tool, argv, { stdio: 'inherit', env });
  // A terminal sends Ctrl-C to both: the tool decides what it means. SIGTERM comes to us alone.
  host.on('SIGINT', () => {});
  host.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + os.constants.signals[signal!]));
  });
}

const executablesNamed = (name: string, searchPath: string): string[] =>
  searchPath
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .filter(isExecutable);

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

function realPath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}
