import { messageOf } from '../errors.ts';
import { monotonicMs, now } from '../lib/clock.ts';
import type { Page, PageRequest } from './data/page.ts';
import { isAway, type ReadPage } from './data/read-page.ts';

export interface PagerListener {
  intervalMs(): number;
  onPage(request: PageRequest, page: Page): void;
}

export interface Pager {
  /** Says what is to be seen from now on; asks at once when that is something else. `live` asks again and again. */
  want(request: PageRequest | undefined, live: boolean): void;
  /** Asks now, unless an answer is being waited for. */
  refresh(): void;
  stop(): void;
}

// What takes long is a scan: Redis spends a tenth of its time on it at most.
const REST_FACTOR = 9;
const SLOWEST_MS = 60_000;
/** Whoever types a filter has not ended with each letter. */
const TYPING_MS = 150;
const RETRY_MS = 2000;

/** Reads what the place on screen needs beyond the snapshot: one question at a time, the old one dropped for a new one. */
export function createPager(read: ReadPage, { intervalMs, onPage }: PagerListener): Pager {
  let wanted: PageRequest | undefined;
  let key = '';
  let isLive = true;
  let asking: AbortController | undefined;
  let next: NodeJS.Timeout | undefined;

  const cancel = () => {
    clearTimeout(next);
    asking?.abort();
    asking = undefined;
  };

  async function ask(): Promise<void> {
    clearTimeout(next);
    if (!wanted || asking) return;
    const request = wanted;
    const own = (asking = new AbortController());
    const startedAt = monotonicMs();
    const answer = await read(request, own.signal).then(
      (page) => ({ page }),
      (error: unknown) => ({ error }),
    );
    if (asking !== own) return;
    asking = undefined;
    const tookMs = monotonicMs() - startedAt;
    const isLost = 'error' in answer && isAway(answer.error);
    const restMs = isLost ? RETRY_MS : Math.max(intervalMs(), Math.min(tookMs * REST_FACTOR, SLOWEST_MS));
    if (isLive || isLost) next = setTimeout(ask, restMs);
    if ('page' in answer) onPage(request, answer.page);
    else if (!isLost) onPage(request, pageOfProblem(messageOf(answer.error)));
  }

  return {
    want(request, live) {
      const nextKey = request ? JSON.stringify(request) : '';
      const wasLive = isLive;
      isLive = live;
      if (nextKey === key) {
        if (live && !wasLive) void ask();
        if (!live) clearTimeout(next);
        return;
      }
      const isTyping = request !== undefined && wanted !== undefined && request.filter !== wanted.filter;
      cancel();
      [key, wanted] = [nextKey, request];
      next = setTimeout(ask, isTyping ? TYPING_MS : 0);
    },
    refresh: () => void ask(),
    stop() {
      wanted = undefined;
      cancel();
    },
  };
}

const pageOfProblem = (problem: string): Page => ({
  rows: [],
  start: 0,
  count: 0,
  total: 0,
  whole: true,
  at: now(),
  problem,
});
