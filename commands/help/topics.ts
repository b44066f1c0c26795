import { licenceTexts } from '../../src/embedded/licences.ts';
import { ERRORS } from '../../src/errors.ts';
import { expectedOf, FIELD_NAMES, FIELDS } from '../../src/jobs/filter/fields.ts';
import { LONGEST_PATTERN } from '../../src/jobs/filter/limits.ts';
import { renderTable } from '../../src/lib/table.ts';
import { type Option, type OptionKey, OPTIONS } from '../../src/options.ts';

const ROWS = Object.entries(OPTIONS) as [OptionKey, Option][];

/** Environment names that stand for no option. */
const OTHER_NAMES = [
  ['JQ_REDIS_SERVER', 'redis-server to run for the local Redis'],
  ['XDG_CACHE_HOME', 'Where the single executable lays out its Redis and its web pages; default ~/.cache'],
  ['JQ_NO_PASSTHROUGH', 'Set to 1: never hand a call over to jq, the JSON tool'],
  ['NO_COLOR', 'Set: no colour'],
  ['NODE_ENV', 'production: do not start a local Redis'],
] as const;

/** Exit codes that no error stands for. */
const OTHER_CODES = [
  [0, 'done'],
  [130, 'ended by SIGINT (Ctrl-C)'],
  [143, 'ended by SIGTERM'],
] as const;

function renderEnvironment(): string {
  const names = ROWS.flatMap(([key, option]) => (option.env ?? []).map((name) => [name, key, option.description]));
  const table = renderTable(
    [{ title: 'NAME' }, { title: 'OPTION' }, { title: 'MEANING' }],
    [...names, ...OTHER_NAMES.map(([name, meaning]) => [name, '', meaning])],
  );
  return `The environment beats the configuration file; a flag beats both. Where an option has several names, the first one set counts.

${table}`;
}

function renderConfig(): string {
  const rows = ROWS.map(([key, { kind, default: value, description }]) => [
    key,
    value === undefined ? '' : String(value),
    `${description}: ${kind.expected}`,
  ]);
  return `The first of jobqueue.config.ts, .mts, .cts, .js, .mjs, .cjs, .json, .yaml, .yml, and the key "jobqueue" of package.json, in this
folder or one above it. * stands for a name of yours. See what is in force, and why, with: jq config show

${renderTable([{ title: 'OPTION' }, { title: 'DEFAULT' }, { title: 'MEANING' }], rows)}`;
}

function renderExitCodes(): string {
  const codes = new Map<number, string[]>(OTHER_CODES.map(([code, meaning]) => [code, [meaning]]));
  for (const { exitCode, meaning } of Object.values(ERRORS))
    codes.set(exitCode, [...(codes.get(exitCode) ?? []), meaning]);
  const rows = [...codes]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([code, meanings]) => meanings.map((meaning, index) => [index === 0 ? String(code) : '', meaning]));
  return `With --json an error is {"error": {"code", "message", "hint", "details"}} on stderr.

${renderTable([{ title: 'CODE', align: 'right' }, { title: 'MEANING' }], rows)}`;
}

function renderFilters(): string {
  const rows = FIELD_NAMES.map((field) => [field, expectedOf(field), FIELDS[field].about]);
  return `A filter says which jobs are meant. jq jobs find takes one; jq jobs list, retry, promote and remove take it with --where.

  jq jobs find 'type:send-* !queue:mail attempts:>3 error:"timed out"'

A job fits when every term fits. A term is FIELD:VALUE, several values have commas between them, one of which must fit; ! before a
term turns it around. A value without a field is looked for in id, type, error and payload. Put the whole into single quotes, so that
the shell leaves it alone.

  "two words"          as it is: in quotes * ? , and spaces mean themselves
  send-*  v?           * stands for any characters, ? for one
  /time(d )?out/i      a pattern in the syntax of RE2, at most ${LONGEST_PATTERN} characters; i: in any case
  >3  <=3  2..5        numbers, and lengths of time: ran:>1m
  since:2h             a time ago, a date, or a time such as 2030-01-31T09:00:00Z
  payload.user.id:7    a value in the payload, or one of the values of a list there; with !payload.user.id:* those without one

${renderTable([{ title: 'FIELD' }, { title: 'VALUE' }, { title: 'WHAT IT IS' }], rows)}
As flags: --type, --queue, --status, --state, --error, --since, --until and --attempts take the same values, and --error a text as it
is. jq dlq list, groups, replay, archive and remove take --queue, --type, --error, --group, --since and --until; all but the first two
also take ids, or --all: with none of these they do nothing.

What changes many jobs tells how many it found in which Redis and asks; --yes answers, --dry-run only tells.
`;
}

const HANDLERS = `A file in handlers/ is a type of job: handlers/send-email.ts runs send-email, handlers/mail/welcome.ts runs mail/welcome.
TypeScript needs no build step. Names that begin with _ or . and tests are left alone.

  import { defineHandler, Discard, Snooze } from 'jobqueue';

  export default defineHandler({
    input: schema,                  any Standard Schema (zod, valibot, arktype): checks the payload
    queue: 'mail', attempts: 5, timeout: '30s',
    async run(payload, { job, log, signal, progress, once, enqueue }) {
      return { sent: true };        completed, with this result
    },
  });

  throw new Error('…')              the attempt failed; it is tried again until its attempts are used up
  throw new Discard('no such user') dead at once
  throw new Snooze('10m')           again later; the attempt does not count
  await once('charge', async ({ key }) => …)   runs once, also when the job runs again

Any other file with the run bit is a handler, too, in any language: payload as JSON on stdin, result as JSON on stdout, log lines on stderr.
Exit code 0 is completed, 65 dead at once, 75 and all others a failed attempt. JQ_JOB_ID, JQ_JOB_TYPE, JQ_QUEUE, JQ_ATTEMPT,
JQ_MAX_ATTEMPTS, JQ_CREATED_AT and JQ_FENCE are in its environment.

jq init writes a first handler and the types.
`;

/** What `jq help TOPIC` prints. */
export const TOPICS: Readonly<Record<string, () => string>> = {
  environment: renderEnvironment,
  'exit-codes': renderExitCodes,
  config: renderConfig,
  filters: renderFilters,
  handlers: () => HANDLERS,
  licences: licenceTexts,
};
