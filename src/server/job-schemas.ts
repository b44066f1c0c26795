import type { Backoff, JobOptions } from '../handlers/define-handler.ts';
import { JOB_STATES, type JobStatus, STATUS_STATES } from '../jobs/job.ts';
import type { Json } from '../lib/json.ts';
import { MOST_PRIORITY } from '../options.ts';
import {
  described,
  durationText,
  durationValue,
  integer,
  json,
  list,
  object,
  oneOf,
  queueName,
  type Schema,
  text,
  time,
} from './schema.ts';

export const jobType: Schema<string> = text('the type of a handler, such as "send-email"', 200);
const payload: Schema<Json> = json('the JSON that the handler gets');
const priority = integer(0, MOST_PRIORITY);

/** The job options that a caller may set: a white list. The idempotency key comes as a header. */
const OPTIONS = {
  queue: queueName,
  delay: durationValue,
  at: time,
  priority,
  attempts: integer(1, 1000),
  backoff: object(
    'an object such as {"type": "exponential", "delay": "2s"}',
    {
      type: oneOf(['exponential', 'fixed'] satisfies Backoff['type'][]),
      delay: durationValue,
      jitter: { title: 'a number from 0 to 1', type: 'number', minimum: 0, maximum: 1 } as Schema<number>,
    },
    ['type', 'delay'],
  ),
  timeout: durationValue,
  expiresIn: durationValue,
  dedupe: {
    ...object(
      'a text, or an object such as {"key": "…", "ttl": "1h"}',
      { key: text('a text', 255), ttl: durationValue },
      ['key'],
    ),
    type: ['string', 'object'],
    minLength: 1,
    maxLength: 255,
  } as Schema<NonNullable<JobOptions['dedupe']>>,
} satisfies { [Name in keyof JobOptions]?: Schema<JobOptions[Name]> };

const options = object('an object of job options', OPTIONS);

export const newJob = object(
  'a JSON object such as {"type": "send-email", "payload": {}}',
  { type: jobType, payload, options },
  ['type', 'payload'],
);

/** As many as are stored in one transaction. */
const MOST_JOBS = 1000;

export const newJobs = object(
  'a JSON object such as {"jobs": [{"type": "send-email", "payload": {}}]}',
  { jobs: list(`a list of 1 to ${MOST_JOBS} jobs`, newJob, { min: 1, max: MOST_JOBS }) },
  ['jobs'],
);

/** What other systems of this kind taught people. */
export const submittedJob = object(
  'a JSON object such as {"jobType": "send-email", "payload": {}}',
  { jobType, payload, options },
  ['jobType', 'payload'],
);

const EDIT = {
  payload,
  priority: described(priority, '0 is none; 1 comes first among those that have one'),
  delay: described(durationValue, 'From now on; 0 lets it run as soon as its turn comes'),
};
export const jobEdit = { ...object('a JSON object such as {"priority": 1}', EDIT), minProperties: 1 };

export const newJobHeaders: Schema<{ 'idempotency-key'?: string }> = {
  title: 'headers',
  type: 'object',
  properties: {
    'idempotency-key': {
      title: '1 to 255 visible ASCII characters',
      description:
        'Makes the request repeatable: the same key and body again give the same job, another body is refused',
      type: 'string',
      pattern: '^[!-~]{1,255}$',
    },
  },
};

/** Which part of a long list is meant. */
export const page = {
  limit: described(integer(1, 500), 'At most so many; 100 when left out'),
  offset: described(integer(0), 'Leave out so many first'),
};

export const jobListQuery = object('a query string', {
  status: oneOf(Object.keys(STATUS_STATES) as JobStatus[]),
  state: oneOf(JOB_STATES),
  type: text('a type', 200),
  queue: queueName,
  where: described(text('a filter of at most 1000 characters', 1000), 'Those that fit: `payload.userId:7 attempts:>3`'),
  cursor: described(text('the cursor of an answer', 200), 'With `type` or `where`: looks on where that answer ended'),
  ...page,
});

export const queueQuery = object('a query string', { queue: queueName });

export const jobQuery = object('a query string', {
  queue: queueName,
  wait: described(durationText, 'Holds the answer until the job has ended or this time is over; at most 5m'),
});

// Any text: what is no job's id is answered with 404.
const jobId: Schema<string> = { title: 'the id of a job', type: 'string' };
export const jobParams = object('a path', { id: jobId }, ['id']);
export const jobIdParams = object('a path', { jobId }, ['jobId']);
