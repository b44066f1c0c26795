import { describe, expect, it } from 'vitest';
import { changeMatching, countMatching } from '../../src/jobs/change-matching.ts';
import { parseFilter } from '../../src/jobs/filter/parse.ts';
import type { Project } from '../../src/jobs/project.ts';
import { searchJobs } from '../../src/jobs/search-jobs.ts';
import { type PlantedJob, plantJobs } from '../helpers/plant-jobs.ts';
import { openTestProject } from '../helpers/test-project.ts';
import { useRedis } from '../helpers/use-redis.ts';

const { server, redis } = await useRedis();

const T0 = Date.UTC(2026, 0, 1);
const many = (amount: number, job: (index: number) => Omit<PlantedJob, 'id'>): PlantedJob[] =>
  Array.from({ length: amount }, (_, index) => ({ id: `p${index}`, createdAt: T0 + index, ...job(index) }));

async function search(project: Project, text: string, options: Partial<Parameters<typeof searchJobs>[2]> = {}) {
  const page = await searchJobs(project, parseFilter(text), { limit: 50, offset: 0, scanLimit: 1e6, ...options });
  return { ...page, ids: page.jobs.map(({ id }) => id) };
}

describe('searchJobs', () => {
  it('looks in every state of every queue, newest first', async () => {
    const states = ['waiting', 'prioritized', 'delayed', 'waiting-children', 'active', 'completed', 'failed'] as const;
    await plantJobs(
      redis,
      states.map((state, index) => ({
        id: `in-${state}`,
        state,
        queue: index % 2 ? 'a' : 'b',
        createdAt: T0 + index,
        payload: { to: 'ada' },
      })),
    );
    await plantJobs(redis, [{ id: 'other', state: 'waiting', payload: { to: 'bob' } }]);
    const project = await openTestProject(server);
    expect(await search(project, 'payload.to:ada')).toMatchObject({
      ids: states.map((state) => `in-${state}`).toReversed(),
      total: 7,
      scanned: 8,
      stopped: false,
    });
    expect((await search(project, 'queue:a payload.to:ada')).ids).toEqual([
      'in-completed',
      'in-waiting-children',
      'in-prioritized',
    ]);
    expect((await search(project, 'status:pending !queue:b,mail')).ids).toEqual([
      'in-waiting-children',
      'in-prioritized',
    ]);
    expect((await search(project, 'status:pending')).total).toBe(5);
  });

  it('gives pages that together are the whole, each once', async () => {
    await plantJobs(
      redis,
      many(2500, (index) => ({ state: index % 2 ? 'waiting' : 'completed', type: index % 5 ? 'x' : 'y' })),
    );
    const project = await openTestProject(server);
    const pages = await Promise.all(
      [0, 100, 200, 300, 400].map((offset) => search(project, 'type:y', { limit: 100, offset })),
    );
    const ids = pages.flatMap((page) => page.ids);
    expect(ids).toHaveLength(500);
    expect(ids).toEqual(Array.from({ length: 500 }, (_, index) => `p${2495 - index * 5}`));
    // As soon as a page is full, nobody knows how many more there are.
    expect(pages[0]).toMatchObject({ total: null, stopped: false });
    expect((await search(project, 'type:y', { limit: 600 })).total).toBe(500);
  });

  it('looks no further than the page needs, and says when the limit stopped it', async () => {
    await plantJobs(
      redis,
      many(5000, () => ({ state: 'waiting' })),
    );
    const project = await openTestProject(server);
    expect(await search(project, 'state:waiting', { limit: 3 })).toMatchObject({
      scanned: 3,
      total: 5000,
      stopped: false,
    });
    expect(await search(project, 'type:x', { limit: 3 })).toMatchObject({ scanned: 1000, total: null, stopped: false });
    expect(await search(project, 'type:none', { scanLimit: 1500 })).toMatchObject({
      ids: [],
      scanned: 1500,
      total: null,
      stopped: true,
    });
    const seen: number[] = [];
    await search(project, 'type:none', { onProgress: (passed) => void seen.push(passed) });
    expect(seen).toEqual([1000, 2000, 3000, 4000, 5000]);
  });

  it('reads of finished jobs only those of the time in question', async () => {
    await plantJobs(
      redis,
      many(5000, (index) => ({ state: 'completed', score: T0 + index * 1000 })),
    );
    const project = await openTestProject(server);
    const [since, until] = [T0 + 100_000, T0 + 102_000].map((ms) => new Date(ms).toISOString());
    const page = await search(project, `state:completed since:${since} until:${until}`);
    expect(page).toMatchObject({ ids: ['p102', 'p101', 'p100'], total: 3 });
    expect(page.scanned).toBeLessThan(1000);
  });

  it('refuses an unknown queue and a page too far down', async () => {
    const project = await openTestProject(server);
    await expect(search(project, 'queue:nothing')).rejects.toMatchObject({ code: 'UNKNOWN_QUEUE' });
    expect((await search(project, 'queue:nothing* !queue:none')).ids).toEqual([]);
    await expect(search(project, 'a', { offset: 10_000 })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('changeMatching', () => {
  const options = { scanLimit: Infinity };
  const left = async (key: string) => (await redis.call('EXISTS', key)) as number;

  it('removes what fits in every state but active, however many, with all that belongs to it', async () => {
    const states = ['waiting', 'prioritized', 'delayed', 'completed', 'failed', 'active'] as const;
    await plantJobs(
      redis,
      many(6000, (index) => ({ state: states[index % 6]!, type: Math.floor(index / 6) % 4 < 3 ? 'go' : 'stay' })),
    );
    await redis.pipeline([
      ['RPUSH', 'bull:mail:p0:logs', 'a line'],
      ['HSET', 'jq:bull:once:{mail}:p0', 'step', 'D1'],
    ]);
    const project = await openTestProject(server);
    const filter = parseFilter('type:go');
    expect(await countMatching(project, 'remove', filter, options)).toMatchObject({
      total: 3750,
      byQueue: { mail: 3750 },
      stopped: false,
    });
    expect(await changeMatching(project, 'remove', filter, options)).toBe(3750);
    expect(await countMatching(project, 'remove', filter, options)).toMatchObject({ total: 0 });
    expect(await countMatching(project, 'remove', parseFilter('type:stay'), options)).toMatchObject({ total: 1250 });
    expect([await left('bull:mail:p0'), await left('bull:mail:p0:logs'), await left('jq:bull:once:{mail}:p0')]).toEqual(
      [0, 0, 0],
    );
    expect((await redis.call('LLEN', 'bull:mail:active')) as number).toBe(1000);
    expect(await redis.call('LPOS', 'bull:mail:wait', '')).toBeNull();
  });

  it('keeps the order of those that wait', async () => {
    await plantJobs(
      redis,
      many(3000, (index) => ({ state: 'waiting', payload: { n: index } })),
    );
    const project = await openTestProject(server);
    await changeMatching(project, 'remove', parseFilter('!payload.n:1000..1002'), options);
    expect(await redis.call('LRANGE', 'bull:mail:wait', 0, -1)).toEqual(['p1002', 'p1001', 'p1000']);
  });

  it('finds waiting jobs that were moved on by new ones meanwhile', async () => {
    await plantJobs(
      redis,
      many(500, () => ({ state: 'waiting', type: 'go' })),
    );
    const project = await openTestProject(server);
    let added = 0;
    const removed = await changeMatching(project, 'remove', parseFilter('type:go'), {
      ...options,
      onProgress: () => {
        added += 1;
        void redis.call('LPUSH', 'bull:mail:wait', ...Array.from({ length: 50 }, (_, index) => `new${added}-${index}`));
      },
    });
    expect(removed).toBe(500);
  });

  it('cancels what waits far down a long list, the others keep their order', async () => {
    await plantJobs(
      redis,
      many(5000, (index) => ({ state: 'waiting', payload: { n: index } })),
    );
    const project = await openTestProject(server);
    expect(await changeMatching(project, 'cancel', parseFilter('!payload.n:1000..1002'), options)).toBe(4997);
    expect(await redis.call('LRANGE', 'bull:mail:wait', 0, -1)).toEqual(['p1002', 'p1001', 'p1000']);
    expect(await redis.call('ZCARD', 'bull:mail:failed')).toBe(4997);
    expect(await redis.call('LLEN', 'bull:mail:active')).toBe(0);
    expect(await redis.call('HGET', 'bull:mail:p7', 'failedReason')).toMatch(/^Cancelled by /);
  });

  it('promotes delayed jobs with their priority, and retries dead ones as new', async () => {
    await plantJobs(redis, [
      { id: 'plain', state: 'delayed', score: Date.UTC(2100, 0, 1) },
      { id: 'urgent', state: 'delayed', score: Date.UTC(2100, 0, 1), fields: { priority: 2 } },
      { id: 'dead', state: 'failed', fields: { atm: 3, failedReason: 'no' }, score: T0 },
      { id: 'done', state: 'completed', score: T0 },
    ]);
    const project = await openTestProject(server);
    expect(await changeMatching(project, 'promote', parseFilter(''), options)).toBe(2);
    expect(await changeMatching(project, 'retry', parseFilter('error:no'), options)).toBe(1);
    expect((await search(project, 'state:waiting')).ids.toSorted()).toEqual(['dead', 'plain']);
    expect((await search(project, 'state:prioritized')).ids).toEqual(['urgent']);
    expect(await redis.call('HGET', 'bull:mail:dead', 'atm')).toBeNull();
    const audit = ((await redis.call('LRANGE', project.broker.keys.audit, 0, -1)) as string[]).map(
      (line) => JSON.parse(line) as unknown,
    );
    expect(audit).toMatchObject([
      { what: 'retry', filter: 'error:no', count: 1 },
      { what: 'promote', filter: '', count: 2 },
    ]);
  });

  it('stops at its limit and when it is told to', async () => {
    await plantJobs(
      redis,
      many(1000, () => ({ state: 'completed' })),
    );
    const project = await openTestProject(server);
    expect(await changeMatching(project, 'remove', parseFilter(''), { ...options, limit: 250 })).toBe(250);
    const stop = new AbortController();
    const removed = await changeMatching(project, 'remove', parseFilter(''), {
      ...options,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    expect(removed).toBe(200);
    expect(await redis.call('ZCARD', 'bull:mail:completed')).toBe(550);
  });
});
