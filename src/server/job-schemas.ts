import type { Backoff, JobOptions } from '../handlers/define-handler.ts';
import { STATUS_STATES, type JobStatus } from '../jobs/job.ts';
import type { Json } from '../lib/json.ts';
import { durationText, durationValue, integer, object, oneOf, queueName, type Schema, text, time } from './schema.ts';

const MAX_TYPE_LENGTH = 200;

/** The job options that a caller may set: a white list. The idempotency key comes as a header. */
const OPTIONS = {
  queue: queueName,
  delay: durationValue,
  at: time,
  priority: integer(0, 2_097_151),
  attempts: integer(1, 1000),
  backoff: object(
    'an object such as {"type": "exponential", "delay": "2s"}',
    {
      type: oneOf(['exponential', 'fixed'] satisfies Backoff['type'][]),
      delay: durationValue,
      jitter: { title: 'a number from 0 to 1', type: 'number', minimum: 0, maximum: 1 },
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
  },
} satisfies Partial<Record<keyof JobOptions, Schema>>;

export interface NewJobBody {
  type: string;
  payload: Json;
  options?: Pick<JobOptions, keyof typeof OPTIONS>;
}

export const newJobBody = object(
  'a JSON object such as {"type": "send-email", "payload": {}}',
  {
    type: text('the type of a handler, such as "send-email"', MAX_TYPE_LENGTH),
    payload: { title: 'the JSON that the handler gets' },
    options: object('an object of job options', OPTIONS),
  },
  ['type', 'payload'],
);

export interface NewJobHeaders {
  'idempotency-key'?: string;
}

export const newJobHeaders: Schema = {
  title: 'headers',
  type: 'object',
  properties: {
    'idempotency-key': { title: '1 to 255 visible ASCII characters', type: 'string', pattern: '^[!-~]{1,255}$' },
  },
};

export interface JobListQuery {
  status?: JobStatus;
  type?: string;
  queue?: string;
  limit?: number;
  offset?: number;
}

export const jobListQuery = object('a query string', {
  status: oneOf(Object.keys(STATUS_STATES)),
  type: text('a type', MAX_TYPE_LENGTH),
  queue: queueName,
  limit: integer(1, 500),
  offset: integer(0),
});

export interface QueueQuery {
  queue?: string;
}

export const queueQuery = object('a query string', { queue: queueName });

export interface JobQuery extends QueueQuery {
  wait?: `${number}s`;
}

export const jobQuery = object('a query string', { queue: queueName, wait: durationText });

export interface JobParams {
  id: string;
}

// Any text: what is no job's id is answered with 404.
export const jobParams = object('a path', { id: { title: 'the id of a job', type: 'string' } });
