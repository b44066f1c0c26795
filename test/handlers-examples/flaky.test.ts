import { describe, expect, it } from 'vitest';
import { handlerContext } from '../helpers/handler-context.ts';
import { attempt, checkPayload, loadExample } from './load-example.ts';

describe('flaky', () => {
  it('fails on the first two attempts and works on the third', async () => {
    const handler = await loadExample('flaky');
    const run = async (number: number) => attempt(handler, {}, handlerContext({ job: { attempt: number } }).context);
    await expect(run(1)).rejects.toThrow('Attempt 1 fails');
    await expect(run(2)).rejects.toThrow('Attempt 2 fails');
    await expect(run(3)).resolves.toEqual({ attempt: 3 });
  });

  it('works at once when no failures are asked for', async () => {
    const handler = await loadExample('flaky');
    await expect(attempt(handler, { failures: 0 }, handlerContext().context)).resolves.toEqual({ attempt: 1 });
  });

  it.each([-1, 1.5, '2'])('refuses %j failures', async (failures) => {
    expect(await checkPayload(await loadExample('flaky'), { failures })).toEqual({ refused: ['failures'] });
  });

  it('retries soon and often enough for its default to work', async () => {
    const handler = await loadExample('flaky');
    expect(handler).toMatchObject({ attempts: 5, backoff: { type: 'fixed', delay: '200ms' } });
    expect(await checkPayload(handler, {})).toEqual({ value: { failures: 2 } });
  });
});
