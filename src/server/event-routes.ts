import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { JobQueueError } from '../errors.ts';
import { followJob } from '../jobs/follow-job.ts';
import type { Job } from '../jobs/job.ts';
import { JOB } from './examples.ts';
import { HttpError } from './http-error.ts';
import { jobParams, queueQuery } from './job-schemas.ts';
import { type Route, route, type ServerContext } from './route.ts';
import type { Schema, ValueOf } from './schema.ts';
import { untilGone } from './until-gone.ts';

/** Streams that may be open at a time. Each one looks at its job again and again. */
export const MOST_STREAMS = 200;
/** After so much silence a line says that the stream lives: proxies cut what is silent for longer. */
const HEARTBEAT_MS = 15_000;
/** When a client that lost its stream comes back. */
const COME_BACK_MS = 2000;

const headers: Schema<{ 'last-event-id'?: string }> = {
  title: 'headers',
  type: 'object',
  properties: {
    'last-event-id': { title: 'the id of the last event that came', type: 'string', description: 'Sent by browsers' },
  },
};

export const EVENT_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/jobs/:id/events',
    scope: 'read',
    perQueue: true,
    operation: 'followJob',
    tag: 'jobs',
    summary: 'Follow a job until it has ended',
    schema: { params: jobParams, querystring: queueQuery, headers },
    answers: {
      200: {
        description:
          'Server-sent events: `state` at once and when the state changes, `progress`, and at the end `completed`, `failed` or `removed`',
        schema: { type: 'string' },
        contentType: 'text/event-stream',
        example: renderEvent('completed', JOB, '1769850300412'),
      },
      204: { description: 'The event that came last was the end' },
    },
    errors: ['JOB_NOT_FOUND'],
    handle: handleEvents,
  }),
];

type EventsRequest = FastifyRequest<{
  Params: ValueOf<typeof jobParams>;
  Querystring: ValueOf<typeof queueQuery>;
  Headers: ValueOf<typeof headers>;
}>;

async function handleEvents(
  context: ServerContext,
  { params: { id }, query: { queue }, headers: { 'last-event-id': seen }, method }: EventsRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { project, streams } = context;
  const signal = untilGone(context, reply);
  const looks = followJob(project, id, { queue, quietMs: HEARTBEAT_MS, signal });
  const { value: job } = (await looks.next()) as IteratorResult<Job, undefined>;
  if (!job) throw new HttpError('STOPPING');
  // Browsers come back after every end, until they are told that there is no more.
  if (hasEnded(job) && seen === idOf(job)) return reply.code(204).send();
  reply.type('text/event-stream');
  if (method === 'HEAD') return reply.send();

  if (streams.size >= MOST_STREAMS) throw new HttpError('TOO_MANY_STREAMS');
  const stream = Readable.from(renderEvents(job, looks, signal), { objectMode: false });
  streams.add(stream);
  stream.once('close', () => streams.delete(stream));
  return reply.send(stream);
}

async function* renderEvents(
  first: Job,
  looks: AsyncGenerator<Job | null>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let last = first;
  yield `retry: ${COME_BACK_MS}\n\n${renderState(first)}`;
  try {
    for await (const job of looks) {
      if (job === null) yield ': still there\n\n';
      else {
        yield isOnlyProgress(last, job) ? renderProgress(job) : renderState(job);
        last = job;
      }
    }
  } catch (error) {
    // Redis went away: the caller comes back, as after every end that is not the job's.
    if (!(error instanceof JobQueueError)) throw error;
    if (error.code !== 'JOB_NOT_FOUND') return;
  }
  if (!hasEnded(last) && !signal.aborted) yield renderEvent('removed', { id: last.id });
}

const hasEnded = ({ status }: Job): boolean => status === 'completed' || status === 'failed';
const idOf = ({ updatedAt }: Job): string => String(updatedAt.getTime());
const isOnlyProgress = (before: Job, after: Job): boolean =>
  before.state === after.state && before.attempts === after.attempts && idOf(before) === idOf(after);

const renderState = (job: Job): string => renderEvent(hasEnded(job) ? job.status : 'state', job, idOf(job));
const renderProgress = (job: Job): string => renderEvent('progress', { id: job.id, progress: job.progress }, idOf(job));

function renderEvent(name: string, data: object, id?: string): string {
  return `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}
