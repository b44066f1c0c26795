/** The only home of the clocks. */

/** Milliseconds since the epoch by this machine: for people. What is stored, or compared with that, takes the broker's clock. */
export const now = (): number => Date.now();

/** Milliseconds on a clock that never steps: for durations and deadlines, never stored. */
export const monotonicMs = (): number => performance.now();

/** Like {@link monotonicMs}, but the same in every thread and process of this machine since it was started. */
export const uptimeMs = (): number => Math.trunc(monotonicMs() + beganAtMs);
/** When {@link monotonicMs}, which counts from the start of this thread, was zero. */
const beganAtMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Resolves after `ms` milliseconds, at once when `signal` aborts (it never rejects). */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
