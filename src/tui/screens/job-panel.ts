import type { Job } from '../../jobs/job.ts';
import { age, type Cell } from '../cells.ts';
import { wrap } from '../wrap.ts';
import type { Box, Data } from './screen.ts';

/** A message may be megabytes long; ten lines of it show. */
const MOST = 4000;

/** More of a job than its row has room for; lists are read without payloads. */
export function jobPanel(job: Job, { page }: Data, width: number): [Box, Box] {
  const { id, type, queue, state, attempts, maxAttempts, createdAt, startedAt, finishedAt, error } = job;
  const at = page?.at ?? createdAt.getTime();
  const ago = (what: string, date: Date | null): Cell[] =>
    date === null ? [] : [`${what} ${date.toISOString()}  ${age(at - date.getTime())} ago`];
  const failed = (error ?? '')
    .slice(0, MOST)
    .split('\n')
    .flatMap((line) => wrap(line, width));
  return [
    {
      title: id,
      lines: [
        { text: type, tone: 'strong' },
        `${state === 'failed' ? 'dead' : state} in ${queue}, ${attempts}/${maxAttempts} attempts`,
        '',
        ...ago('added  ', createdAt),
        ...ago('started', startedAt),
        ...ago('ended  ', finishedAt),
      ],
    },
    {
      title: 'Error',
      lines:
        error === null ? [{ text: 'None.', tone: 'faint' }] : failed.map((text): Cell => ({ text, tone: 'alarm' })),
    },
  ];
}
