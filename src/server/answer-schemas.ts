import { JOB_STATES, STATUS_STATES } from '../jobs/job.ts';
import { list, oneOf, type Schema } from './schema.ts';

// What answers look like, for those who read the API description. Answers are not checked when they are sent, and lose
// no field for not standing here: tests hold them against this.

const string = (description: string): Schema => ({ type: 'string', description });
const number = (description: string): Schema => ({ type: 'number', description });
const count = (description: string): Schema => ({ type: 'integer', minimum: 0, description });
const flag = (description: string): Schema => ({ type: 'boolean', description });
const instant = (description: string): Schema => ({ type: 'string', format: 'date-time', description });
const orNull = ({ type, ...schema }: Schema): Schema => ({ ...schema, type: [type as string, 'null'] });

/** An object that has all of these fields; versions to come may add some. */
export const record = (properties: Record<string, Schema>, optional: Record<string, Schema> = {}): Schema => ({
  type: 'object',
  properties: { ...properties, ...optional },
  required: Object.keys(properties),
});

const Job = record({
  id: string('Made by the server'),
  type: string('The handler that runs it'),
  queue: string('Where it waits'),
  payload: { description: 'What the handler gets' },
  status: { ...oneOf(Object.keys(STATUS_STATES)), description: 'Where it is, in one of four words' },
  state: { ...oneOf(JOB_STATES), description: "The same in BullMQ's words" },
  attempts: count('Attempts used'),
  maxAttempts: count('Attempts that it has'),
  priority: count('0 is none; 1 comes first among those that have one'),
  nextRunAt: orNull(instant('When a delayed job becomes due')),
  createdAt: instant('When it was added'),
  updatedAt: instant('The latest of all times known of it'),
  startedAt: orNull(instant('When its last attempt began')),
  finishedAt: orNull(instant('When it was completed or died')),
  progress: { description: 'A percentage, or whatever a plain BullMQ handler reported' },
  result: { description: 'What the handler returned; null until then' },
  error: orNull(string('Message of the last attempt that failed')),
});

const rate = (what: string): Schema =>
  orNull(number(`Attempts a second that ${what} in the last minute; null when no worker reported any`));

const outcomes = (when: string): Schema =>
  orNull(
    record({
      completed: count(`Attempts completed ${when}`),
      failed: count(`Attempts failed ${when}`),
      dead: count(`Of these, those that were the last of a job`),
    }),
  );

const Queue = record({
  name: string('Its name'),
  waiting: count('Jobs that wait, with and without a priority'),
  active: count('Jobs that run'),
  delayed: count('Jobs that are not due yet'),
  completed: count('Completed jobs that are kept'),
  failed: count('Dead letters'),
  paused: flag('Whether workers may take none of its jobs'),
  pausedBy: orNull(string('Who paused it, if a program of ours did')),
  pausedAt: orNull(instant('When that was')),
  concurrency: orNull(count('Jobs of it that all workers together may run at a time')),
  rate: orNull(record({ max: count('Jobs that may start'), perMs: count('in so many milliseconds') })),
  workers: count('Live workers that listen to it'),
  foreignWorkers: orNull(count('Workers of other BullMQ programs that wait for its jobs')),
  slots: count('Jobs that these run at a time'),
  today: outcomes('since midnight, UTC'),
  ever: outcomes('since the beginning'),
  memoryBytes: orNull(count('About what it takes of the memory of Redis; null when that was not measured yet')),
  oldestWaitingMs: orNull(number('Age of the oldest waiting job')),
  addedPerSecond: orNull(number('Jobs added a second in the last minute; null when that is not known')),
  completedPerSecond: rate('were completed'),
  failedPerSecond: rate('failed'),
  deadPerSecond: orNull(number('Jobs that died a second in the last minute; null when no worker reported any')),
  errorRate: orNull(number('Failed attempts of all attempts in the last minute, 0 to 1')),
  p50Ms: orNull(number('Median run time of the last five minutes')),
  p95Ms: orNull(number('Run time that 95 of 100 attempts stayed under')),
  waitP50Ms: orNull(number('Median time from due to first start of the last five minutes')),
  waitP95Ms: orNull(number('Time that 95 of 100 first starts took less than')),
  drainMs: orNull(number('When nothing will wait if it goes on so; null when that is not known, or never')),
  growthPerSecond: orNull(
    number('By how many jobs a second that wait it grows, below 0 shrinks; null when that is not known'),
  ),
  history: list('30 numbers', count('Attempts completed in ten seconds')),
  failedHistory: list('30 numbers', count('Attempts failed in ten seconds')),
  types: list(
    'the busiest types, ten at most',
    record({
      type: string('What runs it'),
      completedPerSecond: number('Attempts a second that were completed in the last minute'),
      failedPerSecond: number('Attempts a second that failed in the last minute'),
      errorRate: orNull(number('Failed attempts of all of them, 0 to 1')),
      p50Ms: orNull(number('Median run time of the last five minutes')),
      p95Ms: orNull(number('Run time that 95 of 100 attempts stayed under')),
    }),
  ),
});

const Worker = record({
  id: string('`host/pid`'),
  host: string('Its machine'),
  pid: count('Its process'),
  queues: list('queue names', string('A queue that it works on')),
  slotsByQueue: { type: 'object', additionalProperties: count('Jobs of the queue at a time') },
  slots: count('Jobs that it runs at a time'),
  busy: count('Jobs that it runs now'),
  rssBytes: count('Its memory'),
  loopDelayMs: number('How late its event loop is'),
  completed: orNull(count('Attempts completed since it started')),
  failed: orNull(count('Attempts failed since it started')),
  completedPerSecond: orNull(number('Attempts completed in the last minute, per second')),
  failedPerSecond: orNull(number('Attempts failed in the last minute, per second')),
  startedAt: instant('When it started'),
  beatAt: instant('When it last gave a sign of life'),
  state: oneOf(['running', 'quiet', 'stopping', 'lost']),
});

const DeadLetterGroup = record({
  fingerprint: string('The same for errors that differ only in numbers, ids and addresses'),
  type: string('The type of these jobs'),
  errorName: orNull(string('The name of the error, where the worker kept it')),
  error: string('The error, with what differs from job to job folded'),
  count: count('How many there are'),
  queues: list('queue names', string('A queue that has some of them')),
  firstAt: instant('When the first of them died'),
  lastAt: instant('When the last of them died'),
  trend: list('counts', count('How many died in one of the equal parts of the time from trendFrom to trendTo')),
  sampleId: string('The one that died last'),
});

const ApiError = record({
  error: record(
    { code: string('For programs'), message: string('What was expected, what was got') },
    {
      hint: string('What to do next'),
      details: { description: 'Particulars, such as the fields that a schema refused' },
    },
  ),
});

const Health = record({
  status: oneOf(['ok', 'unavailable']),
  redis: record({ ok: flag('Whether it answers'), roundTripMs: orNull(number('How long that took')) }),
  version: string('Of this program'),
  uptime: count('Seconds since the server began to listen'),
});

/** The schemas that have a name, which routes refer to. */
export const COMPONENTS = { Job, Queue, Worker, DeadLetterGroup, Error: ApiError, Health } as const;

export const refTo = (name: keyof typeof COMPONENTS): Schema => ({ $ref: `#/components/schemas/${name}` });

export const listOf = (name: keyof typeof COMPONENTS): Schema => list('', refTo(name));

const PAGE = {
  jobs: listOf('Job'),
  total: count('How many there are in all'),
  limit: count('As asked for'),
  offset: count('As asked for'),
};

/** One page of jobs. */
export const jobPage = record(PAGE);

/** One page of those among so many that fit. */
export const fittingPage = record(PAGE, {
  complete: flag(
    'With `type` or `where`: whether all jobs were looked at; else `jobs` and `total` are of those that were',
  ),
  cursor: string('To look on, when it is not complete'),
});

export { count, flag, instant, string };
