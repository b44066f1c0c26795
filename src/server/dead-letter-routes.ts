import type { FastifyReply, FastifyRequest } from 'fastify';
import { JobQueueError } from '../errors.ts';
import { countDeadLetters, type DeadLetterFilter, listDeadLetters, replayDeadLetters } from '../jobs/dead-letters.ts';
import { groupDeadLetters } from '../jobs/group-dead-letters.ts';
import { parseRate } from '../lib/rate.ts';
import { parseTime } from '../lib/time.ts';
import { count, flag, instant, jobPage, listOf, record, string } from './answer-schemas.ts';
import { deadLetterGroupsQuery, deadLetterQuery, replayBody } from './dead-letter-schemas.ts';
import { DEAD } from './examples.ts';
import { type Route, route, type ServerContext } from './route.ts';
import type { ValueOf } from './schema.ts';
import { untilGone } from './until-gone.ts';

export const DEAD_LETTER_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/dlq',
    scope: 'read',
    perQueue: true,
    operation: 'listDeadLetters',
    tag: 'dead letters',
    summary: 'List dead letters, newest first',
    schema: { querystring: deadLetterQuery },
    answers: {
      200: {
        description: 'A page of them',
        schema: jobPage,
        example: { jobs: [DEAD], total: 1, limit: 100, offset: 0 },
      },
    },
    errors: ['UNKNOWN_QUEUE'],
    async handle({ project }, { query: { limit = 100, offset = 0, ...filter } }) {
      return { ...(await listDeadLetters(project, readFilter(filter), { limit, offset })), limit, offset };
    },
  }),
  route({
    method: 'GET',
    url: '/api/dlq/groups',
    scope: 'read',
    perQueue: true,
    operation: 'groupDeadLetters',
    tag: 'dead letters',
    summary: 'Group dead letters by what went wrong, the largest group first',
    schema: { querystring: deadLetterGroupsQuery },
    answers: {
      200: {
        description: 'The groups',
        schema: record({
          groups: listOf('DeadLetterGroup'),
          total: count('Dead letters that were looked at'),
          complete: flag('False when there are more kinds of errors than are told apart'),
          trendFrom: instant('When the time of the trends begins'),
          trendTo: instant('When it ends'),
        }),
        example: {
          groups: [
            {
              fingerprint: '4c771900ef59',
              type: DEAD.type,
              errorName: 'Error',
              error: 'connect ECONNREFUSED <address>',
              count: 1021,
              queues: [DEAD.queue],
              firstAt: '2026-01-31T08:12:44.090Z',
              lastAt: DEAD.finishedAt,
              trend: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 410, 608],
              sampleId: DEAD.id,
            },
          ],
          total: 1043,
          complete: true,
          trendFrom: '2026-01-30T09:00:00.000Z',
          trendTo: '2026-01-31T09:00:00.000Z',
        },
      },
    },
    errors: ['UNKNOWN_QUEUE'],
    handle: ({ project }, { query: { limit = 100, ...filter } }) =>
      groupDeadLetters(project, readFilter(filter), { limit }),
  }),
  route({
    method: 'POST',
    url: '/api/dlq/replay',
    scope: 'operate',
    perQueue: true,
    operation: 'replayDeadLetters',
    tag: 'dead letters',
    summary: 'Put dead letters back to wait, as new',
    schema: { body: replayBody },
    example: { type: 'send-email', since: '2h', rate: '100/s' },
    answers: {
      200: {
        description: 'What was done; with `dryRun`, what there is to do',
        schema: {
          anyOf: [
            record({
              replayed: count('How many were put back'),
              batch: string('A mark that they carry from now on'),
              complete: flag('False when the server stopped before the end'),
            }),
            record({
              total: count('How many fit'),
              byQueue: { type: 'object', additionalProperties: count('How many of this queue fit') },
              samples: listOf('Job'),
            }),
          ],
        },
        example: { replayed: 1021, batch: 'r_0199b2f0c4d87e5f8a31b6c2d4e5f607', complete: true },
      },
    },
    errors: ['UNKNOWN_QUEUE', 'JOB_NOT_FOUND'],
    handle: handleReplay,
  }),
];

type Times<Filter> = Omit<Filter, 'since' | 'until'> & { since?: string; until?: string };

/** Durations count back from now. */
const readFilter = ({ since, until, ...filter }: Times<DeadLetterFilter>): DeadLetterFilter => ({
  ...filter,
  since: since === undefined ? undefined : parseTime(since, 'ago'),
  until: until === undefined ? undefined : parseTime(until, 'ago'),
});

async function handleReplay(
  context: ServerContext,
  { body }: FastifyRequest<{ Body: ValueOf<typeof replayBody> }>,
  reply: FastifyReply,
) {
  const { project } = context;
  const { all, limit, rate, dryRun, ...filter } = body;
  assertChoice(all, filter);
  if (dryRun) return countDeadLetters(project, readFilter(filter));
  const signal = untilGone(context, reply);
  const ratePerSecond = rate === undefined ? undefined : parseRate(rate);
  const done = await replayDeadLetters(project, readFilter(filter), { limit, ratePerSecond, signal });
  return { ...done, complete: !signal.aborted };
}

/** @throws JobQueueError USAGE when nothing is chosen: that never means "all" */
function assertChoice(all: boolean | undefined, filter: object): void {
  const { ids } = filter as { ids?: unknown };
  if (all && ids !== undefined) throw new JobQueueError('USAGE', 'Expected "ids" or "all" in the body, got both');
  if (all || Object.keys(filter).length > 0) return;
  throw new JobQueueError('USAGE', 'Expected "ids", "all" or a filter in the body: nothing was chosen', {
    hint: 'Filters: queue, type, error, since, until, where',
  });
}
