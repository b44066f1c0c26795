import { sleep } from './clock.ts';

/** Whether a promise is fulfilled within `ms`; when it is not, or is rejected, nobody waits for it any more. */
export async function fulfilsWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const enough = new AbortController();
  try {
    return await Promise.race([promise.then(() => true), sleep(ms, enough.signal).then(() => false)]);
  } catch {
    return false;
  } finally {
    enough.abort();
  }
}
