/** What the handlers of the project do on purpose, and say so. */
const OWN_FAILURE = 'attempt failed';
/** Of lines that are no JSON, such as those of a library: what speaks of trouble. */
const TROUBLE = /error|exception|warning|^\s+at /i;

/**
 * When each error and warning of a worker was written (epoch ms). A line that is no JSON has the time of the one before it.
 * @param log all that the worker's processes have written
 */
export function readTroubles(log: string): number[] {
  let last = 0;
  return log.split('\n').flatMap((line) => {
    const entry = parseLine(line);
    if (!entry) return TROUBLE.test(line) ? last : [];
    last = Date.parse(entry.time);
    return entry.msg !== OWN_FAILURE && (entry.level === 'error' || entry.level === 'warn') ? last : [];
  });
}

function parseLine(line: string): { time: string; level: string; msg?: string } | undefined {
  try {
    return JSON.parse(line) as { time: string; level: string };
  } catch {
    return undefined;
  }
}

/** The highest number of them within any one second. */
export function mostInASecond(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  let [most, first] = [0, 0];
  for (const [index, time] of sorted.entries()) {
    while (time - sorted[first]! >= 1000) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
