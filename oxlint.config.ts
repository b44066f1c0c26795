import { defineConfig } from 'oxlint';

/** The parts, each of which may import those above it, never those below. */
const LAYERS = [
  { part: 'lib', why: 'lib knows no domain words: it could stand in any program' },
  { part: 'embedded', why: 'what the executable holds is files, whatever they are for' },
  { part: 'loader', why: "the loader only brings the user's modules in" },
  { part: 'config', why: 'the configuration is known before anything is opened' },
  { part: 'handlers', why: 'a handler is known without Redis' },
  { part: 'broker', why: 'the broker speaks to Redis and decides nothing' },
  { part: 'jobs', why: 'what the commands, the server and the UI share does not know them' },
  { part: 'worker', why: 'the worker, the server and the UI are apart from each other' },
  { part: 'server', why: 'the worker, the server and the UI are apart from each other' },
  { part: 'tui', why: 'the worker, the server and the UI are apart from each other' },
] as const;
const PEERS = ['worker', 'server', 'tui'];

/** Packages with one home, so that what depends on them can be seen from the tree. */
const HOMES = [
  {
    packages: ['bullmq', 'bullmq/**', 'ioredis', 'redis-parser', 'msgpackr'],
    home: 'src/broker',
    why: 'only src/broker knows the engine and Redis',
  },
  { packages: ['commander'], home: 'commands', why: 'only the commands know the command line' },
  { packages: ['ink', 'react', 'react/**'], home: 'src/tui', why: 'only src/tui draws in the terminal' },
  {
    packages: ['fastify', 'fastify/**', '@fastify/**', 'prom-client', '@bull-board/**'],
    home: 'src/server',
    why: 'only src/server speaks HTTP',
  },
  { packages: ['cosmiconfig'], home: 'src/config', why: 'only src/config looks for configuration' },
  { packages: ['sucrase'], home: 'src/loader', why: 'only src/loader compiles' },
];

type Pattern = { message: string; group: string[] } | { message: string; regex: string };
const forbid = (patterns: Pattern[]): ['error', { patterns: Pattern[] }] => ['error', { patterns }];

/** What a part may not import: packages of other homes, the parts below it, its peers, the commands, the bin. */
const restrict = (folder: string, parts: readonly string[], why: string) => ({
  files: [`${folder}/**/*.{ts,tsx}`],
  rules: {
    'no-restricted-imports': forbid([
      ...HOMES.filter(({ home }) => home !== folder).map(({ packages, why: message }) => ({
        group: packages,
        message,
      })),
      { regex: `^\\.{1,2}/(.*/)?(${parts.join('|')})/`, message: `lower parts do not import higher ones: ${why}` },
    ]),
  },
});

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'oxc', 'react', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error' },
  ignorePatterns: ['dist', 'vendor', 'node_modules', 'test/fixtures/broken'],
  rules: {
    'no-console': 'error',
    'typescript/no-explicit-any': 'error',
    // `__esModule`, `~standard`: names that others chose.
    'no-underscore-dangle': 'off',
    // The automatic runtime needs no React in scope.
    'react/react-in-jsx-scope': 'off',
    // In order and one after the other is often what is meant.
    'no-await-in-loop': 'off',
    // A small function may live beside its only use.
    'unicorn/consistent-function-scoping': 'off',
    // `fc.integer()` reads better than a dozen imports.
    'import/no-named-as-default-member': 'off',
    // The second argument is what a failure says.
    'vitest/valid-expect': ['error', { maxArgs: 2 }],
    // That is for windows; ours go to threads.
    'unicorn/require-post-message-target-origin': 'off',
    // Names are told from what surrounds them; `name` may be one in two scopes.
    'no-shadow': 'off',
  },
  overrides: [
    ...LAYERS.map(({ part, why }, index) => {
      const below = LAYERS.slice(index + 1).map((layer) => layer.part as string);
      const peers = PEERS.includes(part) ? PEERS.filter((peer) => peer !== part) : [];
      return restrict(`src/${part}`, [...new Set([...below, ...peers, 'commands', 'bin'])], why);
    }),
    restrict('commands', ['bin'], 'the bin only starts the program'),
    {
      files: ['handlers/**'],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              {
                regex: '^\\.\\./(src|commands|bin)/',
                message: "handlers see only the public API: import from 'jobqueue'",
              },
            ],
          },
        ],
      },
    },
    {
      // Scripts and handlers are programs of their own: they may speak, and have no clock of ours.
      files: ['scripts/**', 'handlers/**', 'test/bench/**'],
      rules: { 'no-console': 'off' },
    },
    {
      files: ['src/**', 'commands/**'],
      rules: {
        'no-restricted-properties': [
          'error',
          { object: 'process', property: 'exit', message: 'only bin/jq.ts ends the process' },
          { object: 'process', property: 'env', message: 'the environment comes in as an argument, from bin/jq.ts' },
          { object: 'Date', property: 'now', message: 'the clock is src/lib/clock.ts' },
        ],
      },
    },
    { files: ['src/lib/clock.ts'], rules: { 'no-restricted-properties': 'off' } },
  ],
});
