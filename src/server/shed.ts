import type { Vitals } from '../broker/vitals.ts';
import { andThen, type MaybeLate } from '../lib/maybe-late.ts';
import type { Reading } from '../lib/reading.ts';
import { HttpError } from './http-error.ts';

/**
 * Takes no more jobs while there is room left: at its `maxmemory` Redis lets no worker take, renew or finish a job, so
 * that a queue which fills it cannot be emptied either.
 *
 * @throws HttpError REDIS_FULL
 */
export const assertRoom = (vitals: Reading<Vitals>, share: number): MaybeLate<void> =>
  andThen(vitals.get(), ({ usedMemoryBytes, maxMemoryBytes }) => {
    if (maxMemoryBytes > 0 && usedMemoryBytes > maxMemoryBytes * share) throw new HttpError('REDIS_FULL');
  });
