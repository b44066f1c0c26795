import {
  boolean,
  duration,
  fraction,
  integer,
  list,
  oneOf,
  size,
  span,
  text,
  type ValueKind,
} from './lib/value-kind.ts';

/** BullMQ takes no higher one. 0 is none, 1 the most urgent. */
export const MOST_PRIORITY = 2_097_151;

/** What a queue may be called: it is part of Redis keys and of URLs. */
export const QUEUE_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/i;

const HOST = /^\.?[a-z0-9-]+(\.[a-z0-9-]+)*$/i;
const ORIGIN = /^https?:\/\/[^/?#@\s,]+$/;
const PROXY = {
  test(item: string): boolean {
    const [address = '', bits, ...more] = item.split('/');
    // Few commands need it, and all of them read this table.
    const version = process.getBuiltinModule('node:net').isIP(address);
    const isBits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
    return item === 'loopback' || (version !== 0 && isBits && more.length === 0);
  },
};

/** One configuration option: the single home of everything that is known about it. */
export interface Option<Input = unknown, Output = Input> {
  kind: ValueKind<Input, Output>;
  description: string;
  /** As people would write it. Without one, the option may stay unset. */
  default?: Input;
  /** For commander; never with a default of its own, else flags would beat the file. */
  flag?: string;
  /** Environment variables, the first one set wins. */
  env?: readonly string[];
  /** Masked wherever it is shown. */
  secret?: true;
}

const option = <Input, Output, const Rest extends Omit<Option<Input, Output>, 'kind'>>(
  kind: ValueKind<Input, Output>,
  rest: Rest & Omit<Option<Input, Output>, 'kind'>,
): Option<Input, Output> & Rest => ({ kind, ...rest });

/**
 * Every option, by its path in `jobqueue.config.ts`; `*` stands for a name of the user's. From these rows come the
 * TypeScript types, the checks, the flags, the environment names, `jq config show` and the table in the manual.
 */
export const OPTIONS = {
  handlers: option(text('a path'), {
    description: 'Folder of the handler files, relative to the configuration file',
    default: './handlers',
    flag: '--handlers <folder>',
    env: ['JQ_HANDLERS'],
  }),
  'redis.url': option(
    text(
      'a redis://, rediss://, redis+sentinel://, redis+cluster:// or unix:// URL',
      /^(rediss?(\+(sentinel|cluster))?|unix):\/\//,
    ),
    {
      description: 'Redis to use; without one, a private local Redis is started for the project',
      flag: '--redis <url>',
      env: ['JQ_REDIS_URL', 'REDIS_URL'],
      secret: true,
    },
  ),
  'redis.passwordFile': option(text('a path'), {
    description: 'File whose first line is the password for Redis',
    env: ['JQ_REDIS_PASSWORD_FILE'],
  }),
  'redis.sentinelPasswordFile': option(text('a path'), {
    description: 'File whose first line is the password for the Sentinels, if they have one',
    env: ['JQ_REDIS_SENTINEL_PASSWORD_FILE'],
  }),
  'redis.tls.caFile': option(text('a path'), {
    description: "PEM file of the authorities that may have signed Redis' certificate; without it, the public ones",
    env: ['JQ_REDIS_CA_FILE'],
  }),
  'redis.tls.certFile': option(text('a path'), {
    description: 'PEM file of the certificate to show to a Redis that asks for one',
    env: ['JQ_REDIS_CERT_FILE'],
  }),
  'redis.tls.keyFile': option(text('a path'), {
    description: 'PEM file of the private key for it',
    env: ['JQ_REDIS_KEY_FILE'],
  }),
  'redis.tls.serverName': option(text('a host name', /^[\w.-]+$/), {
    description: "Name that Redis' certificate must be for, instead of the host in the URL",
    env: ['JQ_REDIS_SERVER_NAME'],
  }),
  'redis.minReplicas': option(integer({ min: 0, max: 10 }), {
    description: 'Replicas that must have a job before it is acknowledged; 0 trusts the master alone',
    default: 0,
    env: ['JQ_REDIS_MIN_REPLICAS'],
  }),
  'redis.prefix': option(text('letters, digits, and any of {}._-', /^[\w{}.-]{1,64}$/), {
    description: "Prefix of BullMQ's keys",
    default: 'bull',
    env: ['JQ_REDIS_PREFIX'],
  }),
  'redis.allowEviction': option(boolean, {
    description: 'Use a Redis that may evict keys, and so lose jobs',
    default: false,
    flag: '--allow-eviction',
    env: ['JQ_ALLOW_EVICTION'],
  }),
  'queues.*.concurrency': option(integer({ min: 1, max: 10_000 }), {
    description: 'Jobs of this queue that one worker runs at a time; without it, `work.concurrency`',
  }),
  'queues.*.rateLimit.max': option(integer({ min: 1 }), {
    description: 'Jobs of this queue that may start in `rateLimit.per`, over all workers',
  }),
  'queues.*.rateLimit.per': option(span, { description: 'The time that `rateLimit.max` counts for' }),
  'queues.*.maxDepth': option(integer({ min: 1 }), {
    description: 'Waiting jobs above which new ones are refused',
  }),
  'defaults.attempts': option(integer({ min: 1, max: 1000 }), {
    description: 'Times a job is tried before it is dead',
    default: 5,
  }),
  'defaults.backoff.type': option(oneOf('exponential', 'fixed'), {
    description: 'How the wait between attempts grows',
    default: 'exponential',
  }),
  'defaults.backoff.delay': option(duration, { description: 'Wait before the second attempt', default: '2s' }),
  'defaults.backoff.jitter': option(fraction, {
    description: 'Part of each wait that is random, so that retries spread',
    default: 0.2,
  }),
  'defaults.timeout': option(span, { description: 'Time that one attempt may take', default: '5m' }),
  'defaults.keepCompleted.age': option(duration, { description: 'How long completed jobs are kept', default: '24h' }),
  'defaults.keepCompleted.count': option(integer({ min: 0 }), {
    description: 'How many completed jobs a queue keeps',
    default: 10_000,
  }),
  'work.concurrency': option(integer({ min: 1, max: 10_000 }), {
    description: 'Jobs of each queue that one worker runs at a time; the flag also beats `queues.*.concurrency`',
    default: 5,
    flag: '--concurrency <n>',
    env: ['JQ_CONCURRENCY'],
  }),
  'work.processes': option(integer({ min: 1, max: 256 }), {
    description: 'Processes of one worker; they share its slots',
    default: 1,
    flag: '--processes <n>',
    env: ['JQ_PROCESSES'],
  }),
  'work.queues': option(list('queue names, separated by commas', QUEUE_NAME), {
    description: 'Queues to work on; without it, all that the configuration or a handler names',
    flag: '--queues <names>',
    env: ['JQ_QUEUES'],
  }),
  'work.grace': option(duration, {
    description: 'Time that running jobs have to finish when a worker is stopped',
    default: '30s',
    flag: '--grace <duration>',
    env: ['JQ_GRACE'],
  }),
  'work.passEnv': option(list('names of environment variables, separated by commas', /^[a-z_]\w*$/i), {
    description: 'Environment variables that executables get besides the usual ones, such as `DATABASE_URL`',
    env: ['JQ_PASS_ENV'],
  }),
  'server.host': option(text('a host name or address', /^[\w.:-]+$/), {
    description: 'Address to listen on; beyond this machine only with keys',
    default: '127.0.0.1',
    flag: '--host <address>',
    env: ['JQ_HOST'],
  }),
  'server.port': option(integer({ min: 0, max: 65_535 }), {
    description: 'Port to listen on; 0 takes a free one',
    default: 3000,
    flag: '--port <n>',
    env: ['JQ_PORT'],
  }),
  'server.bodyLimit': option(size, { description: 'Largest request body', default: '256kb' }),
  'server.maxConnections': option(integer({ min: 1 }), {
    description: 'Connections at a time; those beyond are closed at once',
    default: 10_000,
  }),
  'server.allowedHosts': option(
    list('host names such as jobs.example.com or .example.com, separated by commas', HOST),
    {
      description: 'Names by which callers may address the server, as its `Host`; `.example.com` is all that end so',
      env: ['JQ_ALLOWED_HOSTS'],
    },
  ),
  'server.trustProxy': option(list('addresses, CIDR blocks or the word loopback, separated by commas', PROXY), {
    description: 'Proxies whose `X-Forwarded-For` is believed',
    env: ['JQ_TRUST_PROXY'],
  }),
  'server.cors.origins': option(list('origins such as https://app.example.com, separated by commas', ORIGIN), {
    description: 'Pages of other origins that may use the API from a browser',
    env: ['JQ_CORS_ORIGINS'],
  }),
  'server.rateLimit.max': option(integer({ min: 1 }), {
    description:
      'Requests that one key, or without keys one address, may send in `rateLimit.per`; without it, any number',
  }),
  'server.rateLimit.per': option(span, { description: 'The time that `rateLimit.max` counts for', default: '1m' }),
  'server.shedAt': option(fraction, {
    description: "Part of Redis' `maxmemory` in use above which no jobs are taken (503)",
    default: 0.85,
  }),
  'log.level': option(oneOf('debug', 'info', 'warn', 'error', 'silent'), {
    description: 'Least serious log lines that are written',
    default: 'info',
    flag: '--log-level <level>',
    env: ['JQ_LOG_LEVEL'],
  }),
} as const;

export type OptionKey = keyof typeof OPTIONS;

// The types below turn the flat rows into the nested objects that people write and the program reads.

type Row<Key extends OptionKey> = (typeof OPTIONS)[Key];
type InputOf<Key extends OptionKey> = Row<Key> extends { kind: ValueKind<infer Input, infer _> } ? Input : never;
type OutputOf<Key extends OptionKey> = Row<Key> extends { kind: ValueKind<infer _, infer Output> } ? Output : never;
type Merge<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

type Written<Path extends string, Value> = Path extends `${infer Head}.${infer Rest}`
  ? Head extends '*'
    ? { [name: string]: Written<Rest, Value> }
    : { [Name in Head]?: Written<Rest, Value> }
  : { [Name in Path]?: Value };

type Checked<Path extends string, Value> = Path extends `${infer Head}.${infer Rest}`
  ? Head extends '*'
    ? { readonly [name: string]: Checked<Rest, Value> }
    : { readonly [Name in Head]: Checked<Rest, Value> }
  : { readonly [Name in Path]: Value };

type Defaulted<Key extends OptionKey> =
  Row<Key> extends { default: unknown } ? OutputOf<Key> : OutputOf<Key> | undefined;

/** What `jobqueue.config.ts` may hold: everything is optional. */
export type ConfigInput = Merge<{ [Key in OptionKey]: Written<Key, InputOf<Key>> }[OptionKey]>;

/** The checked configuration: durations in milliseconds, sizes in bytes, defaults filled in, frozen. */
export type ConfigValues = Merge<{ [Key in OptionKey]: Checked<Key, Defaulted<Key>> }[OptionKey]>;
