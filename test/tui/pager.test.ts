import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { JobQueueError } from '../../src/errors.ts';
import type { Page, PageRequest } from '../../src/tui/data/page.ts';
import { createPager, type Pager } from '../../src/tui/pager.ts';
import { pageOf } from './pages.ts';

interface Asked {
  request: PageRequest;
  signal: AbortSignal;
  answer(page: Page): Promise<void>;
  fail(error: Error): Promise<void>;
}

let asked: Asked[];
let got: [PageRequest, Page][];
let pager: Pager;

beforeEach(() => {
  vi.useFakeTimers();
  [asked, got] = [[], []];
  const read = (request: PageRequest, signal: AbortSignal) => {
    const { promise, resolve, reject } = Promise.withResolvers<Page>();
    const settled = () => vi.advanceTimersByTimeAsync(0);
    asked.push({
      request,
      signal,
      answer: (page) => (resolve(page), settled().then()) as Promise<never>,
      fail: (error) => (reject(error), settled().then()) as Promise<never>,
    });
    return promise;
  };
  pager = createPager(read, { intervalMs: () => 1000, onPage: (request, page) => got.push([request, page]) });
});

afterEach(() => {
  pager.stop();
  vi.useRealTimers();
});

const request = (changes: Partial<PageRequest> = {}): PageRequest => ({
  place: { screen: 'jobs', state: 'failed' },
  filter: '',
  sort: { column: 'DIED', descending: false },
  wide: false,
  start: 0,
  amount: 40,
  ...changes,
});
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const EMPTY = pageOf([]);

describe('the pager', () => {
  test('asks at once, then again at the pace, one question at a time', async () => {
    pager.want(request(), true);
    await later(5000);
    expect(asked).toHaveLength(1);
    await asked[0]!.answer(EMPTY);
    expect(got).toEqual([[request(), EMPTY]]);
    // It took five seconds, so it rests for nine times as long.
    await later(40_000);
    expect(asked).toHaveLength(1);
    await later(5000);
    expect(asked).toHaveLength(2);
  });

  test('drops a question for another one, and its answer', async () => {
    pager.want(request(), true);
    await later(0);
    pager.want(request({ start: 30 }), true);
    await later(0);
    expect(asked[0]!.signal.aborted).toBe(true);
    await asked[0]!.answer(pageOf(['old']));
    await asked[1]!.answer(pageOf(['new']));
    expect(got.map(([, { rows }]) => rows)).toEqual([['new']]);
  });

  test('lets people finish a word before it looks for it', async () => {
    pager.want(request(), true);
    await later(0);
    await asked[0]!.answer(EMPTY);
    for (const filter of ['e', 'er', 'err']) {
      pager.want(request({ filter }), true);
      await later(50);
    }
    expect(asked).toHaveLength(1);
    await later(150);
    expect(asked.map((each) => each.request.filter)).toEqual(['', 'err']);
  });

  test('a list that stands still is read once where the cursor goes', async () => {
    pager.want(request(), true);
    await later(0);
    await asked[0]!.answer(EMPTY);
    pager.want(request(), false);
    await later(10_000);
    expect(asked).toHaveLength(1);
    pager.want(request({ start: 30 }), false);
    await later(0);
    await asked[1]!.answer(EMPTY);
    await later(10_000);
    expect(asked).toHaveLength(2);
    pager.want(request({ start: 30 }), true);
    await later(0);
    expect(asked).toHaveLength(3);
  });

  test('says what is wrong with a question; that Redis is away is said by others, and it asks again', async () => {
    pager.want(request({ filter: 'x:' }), true);
    await later(0);
    await asked[0]!.fail(new JobQueueError('USAGE', 'expected one of the fields'));
    expect(got[0]![1]).toMatchObject({ rows: [], problem: 'expected one of the fields' });
    await later(1000);
    await asked[1]!.fail(new JobQueueError('REDIS_UNREACHABLE', 'gone'));
    expect(got).toHaveLength(1);
    await later(2000);
    expect(asked).toHaveLength(3);
  });

  test('wants nothing any more', async () => {
    pager.want(request(), true);
    pager.want(undefined, true);
    await later(10_000);
    expect(asked).toEqual([]);
    pager.want(request(), true);
    pager.stop();
    await later(10_000);
    expect(asked).toEqual([]);
  });
});
