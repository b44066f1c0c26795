import { expect, it } from 'vitest';
import { renderHelpOn, renderOverview, renderProgramHelp } from '../../commands/framework/render-help.ts';
import { TOPICS } from '../../commands/help/topics.ts';
import { ERRORS } from '../../src/errors.ts';
import { type Option, OPTIONS } from '../../src/options.ts';

it('bare jq', () => {
  expect(renderOverview()).toMatchInlineSnapshot(`
    "jq runs background jobs: one executable, one Redis.

      jq enqueue send-email --payload '{"to":"ana@example.com"}'
      jq work --concurrency 5

      Run       dev, serve, work, bench
      Enqueue   enqueue
      Inspect   top, stats, health, jobs, queues, workers, audit
      Recover   dlq
      Set up    init, config, keys, completion, help

    jq COMMAND --help explains a command, jq --help lists them all.
    "
  `);
});

it('the help of a command', () => {
  expect(renderHelpOn(['dlq', 'replay'])).toMatchInlineSnapshot(`
    "jq dlq replay: put dead letters back to wait, as new

    Usage: jq dlq replay [ID…] [flags]

    Each one goes back to its queue with all its attempts and its priority. What dies again meanwhile is not taken twice.
    Stopped by Ctrl-C or Esc and begun again, it goes on with what is left. A changed payload is checked by the schema of the handler.

    Examples:
      # all of them, after a question
      jq dlq replay --all
      # what that would replay
      jq dlq replay --queue mail --error ETIMEDOUT --since 2h --dry-run
      # those of one user that were tried long
      jq dlq replay --where 'payload.userId:7 attempts:>3'
      # gently, without a question
      jq dlq replay --type send-email --rate 100/s --yes
      # a group of jq dlq groups, mended
      jq dlq replay --group 5c1f0a9be377 --set region=eu
      # one, with another payload
      jq dlq replay j_0199b2f0c4d87e5f8a31 --edit
      # that was a mistake
      jq dlq replay --undo r_0199b2f0c4d87e5f8a31b6c2d4e5f607

    Arguments:
      [ID…]  The ids of dead letters

    Flags:
      --all                  All of them, however many
      --queue <name>         Those of this queue
      --type <type>          Those of this type
      --error <text>         Those whose error holds this text, in any case
      --group <fingerprint>  Those of this group: see jq dlq groups
      --since <time>         Those that died since then: 2h, 2030-01-31T09:00:00Z
      --until <time>         Those that had died by then
      --where <filter>       Those that fit: 'payload.userId:7 ran:>1m', see jq help filters
      --limit <n>            At most so many, the oldest first
      --rate <n/s>           No faster than this: 100/s, 600/m
      --to <queue>           Put them into this queue instead of their own
      --set <path=value>     Change the payload of each: user.id=7, items.0.price=1.5
      --edit                 Change the payload of one in your $VISUAL or $EDITOR
      --allow-unknown        With --set or --edit: also types that no handler here has, unchecked
      --undo <batch>         Make those of a replay dead again that have not been started
      --dry-run              Show what would be done
      -y, --yes              Do not ask

    Flags of every command:
      --redis <url>      Redis to use; without one, a private local Redis is started for the project (env JQ_REDIS_URL, REDIS_URL)
      --allow-eviction   Use a Redis that may evict keys, and so lose jobs (env JQ_ALLOW_EVICTION)
      --config <file>    Configuration file, instead of the one found from here upward
      --json             Print JSON: short for --output json; errors are JSON too
      --output <format>  table, json, jsonl, tsv, id (default: table on a terminal, else tsv)
      --color <when>     auto, always, never (default: auto, which heeds NO_COLOR)
      -q, --quiet        Nothing on stderr but errors
      -v, --verbose      Show the stack and the cause of every error
      -h, --help         Explain the command
      --version          Print the versions of jq, Node and BullMQ
    "
  `);
});

it('lists every command that is not hidden, under its heading', () => {
  const help = renderProgramHelp();
  expect(help).toMatch(
    /^Recover:\n {2}jq jobs retry .*\n {2}jq jobs cancel .*\n {2}jq jobs promote .*\n {2}jq jobs edit .*\n {2}jq jobs duplicate .*\n {2}jq jobs remove .*\n {2}jq queues pause .*\n {2}jq queues resume .*\n {2}jq queues limit .*\n {2}jq queues drain .*\n {2}jq queues clean .*\n {2}jq queues remove .*\n {2}jq workers quiet .*\n {2}jq workers stop .*\n {2}jq workers set-slots .*\n {2}jq dlq list /m,
  );
  expect(help).not.toContain('__complete');
});

it('shows the default and the environment names of an option', () => {
  expect(renderHelpOn(['work'])).toMatch(
    /--concurrency <n> +Jobs of each queue .* \(default 5; env JQ_CONCURRENCY\)$/m,
  );
  expect(renderHelpOn(['serve'])).toMatch(/--redis <url> +.*\(env JQ_REDIS_URL, REDIS_URL\)$/m);
});

it('the topics name every row of their tables', () => {
  for (const [key, { env = [], description }] of Object.entries<Option>(OPTIONS)) {
    expect(TOPICS.config!()).toContain(`${key} `);
    expect(TOPICS.config!()).toContain(description);
    for (const name of env)
      expect(TOPICS.environment!()).toMatch(new RegExp(`^${name} +${key.replaceAll('.', '\\.')} `, 'm'));
  }
  for (const { meaning } of Object.values(ERRORS)) expect(TOPICS['exit-codes']!()).toContain(meaning);
});

it('knows nothing of what does not exist', () => {
  expect(renderHelpOn(['nonsense'])).toBeUndefined();
  expect(renderHelpOn(['dlq', 'nonsense'])).toBeUndefined();
  expect(renderHelpOn(['work', 'hard'])).toBeUndefined();
});
