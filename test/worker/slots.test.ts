import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import type { Flags } from '../../src/config/layers.ts';
import type { LoadedCatalog } from '../../src/handlers/catalog.ts';
import type { Project } from '../../src/jobs/project.ts';
import type { ConfigInput } from '../../src/options.ts';
import { planSlots, type Share } from '../../src/worker/slots.ts';
import { folderOf } from '../helpers/write-files.ts';

async function slots(
  config: ConfigInput,
  { flags = {}, queues = [] as (string | undefined)[], share = undefined as Share | undefined } = {},
) {
  const cwd = await folderOf({ 'jobqueue.config.json': JSON.stringify(config) });
  const project = { config: await loadConfig({ cwd, env: {}, flags: flags as Flags }) } as Project;
  const handlers = new Map(queues.map((queue, index) => [`type-${index}`, { queue }]));
  return planSlots(project, { handlers, broken: [] } as unknown as LoadedCatalog, share);
}

describe('the slots of a worker', () => {
  it('are on every queue that the configuration or a handler names', async () => {
    expect(await slots({}, { queues: [undefined, 'mail', 'mail'] })).toEqual({ default: 5, mail: 5 });
    expect(await slots({ queues: { reports: {}, mail: { concurrency: 9 } }, work: { concurrency: 2 } })).toEqual({
      default: 2,
      reports: 2,
      mail: 9,
    });
  });

  it('are on the queues that were asked for and no others', async () => {
    const config = { queues: { mail: { concurrency: 9 } } };
    expect(await slots(config, { flags: { 'work.queues': 'mail,elsewhere,mail' } })).toEqual({ mail: 9, elsewhere: 5 });
  });

  it('are as many as the flag says, whatever the file says', async () => {
    const config = { queues: { mail: { concurrency: 9 } } };
    expect(await slots(config, { flags: { 'work.concurrency': '1' } })).toEqual({ default: 1, mail: 1 });
  });

  it.each([1, 2, 3, 7, 20])('are shared among %d processes, none lost and none twice', async (of) => {
    const config = { queues: { mail: { concurrency: 9 }, single: { concurrency: 1 } } };
    const shares = await Promise.all(Array.from({ length: of }, (_, index) => slots(config, { share: { index, of } })));
    const sum = (queue: string) => shares.reduce((total, share) => total + (share[queue] ?? 0), 0);
    expect(['default', 'mail', 'single'].map(sum)).toEqual([5, 9, 1]);
    expect(shares.flatMap((share) => Object.values(share)).every((count) => count > 0)).toBe(true);
  });
});
