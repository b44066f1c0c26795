import type { Job } from '../../jobs/job.ts';
import { maskJson } from '../../lib/mask-secrets.ts';
import { age, type Cell } from '../cells.ts';
import type { Box, Data } from './screen.ts';

/** More of a job than its row has room for: what became of it, and its payload with its secrets masked. */
export function jobPanel(job: Job, { page }: Data): [Box, Box] {
  const { id, type, queue, state, attempts, maxAttempts, createdAt, startedAt, finishedAt, error, payload } = job;
  const at = page?.at ?? createdAt.getTime();
  const ago = (what: string, date: Date | null): Cell[] =>
    date === null ? [] : [`${what} ${date.toISOString()}  ${age(at - date.getTime())} ago`];
  return [
    {
      title: id,
      lines: [
        {
          text: `${type} in ${queue}: ${state === 'failed' ? 'dead' : state}, ${attempts}/${maxAttempts} attempts`,
          tone: 'strong',
        },
        ...ago('added  ', createdAt),
        ...ago('started', startedAt),
        ...ago('ended  ', finishedAt),
        '',
        ...(error ?? '').split('\n').map((text): Cell => ({ text, tone: 'alarm' })),
      ],
    },
    { title: 'Payload', lines: (JSON.stringify(maskJson(payload), null, 2) ?? 'null').split('\n') },
  ];
}
