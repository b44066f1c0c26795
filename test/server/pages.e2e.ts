import type { Browser } from 'playwright-core';
import { Queue } from 'bullmq';
import swagger from '@fastify/swagger';
import { fastify } from 'fastify';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { enqueue } from '../../src/jobs/enqueue.ts';
import { getJob } from '../../src/jobs/find-jobs.ts';
import { waitForJob } from '../../src/jobs/wait-for-job.ts';
import { mountPage } from '../../src/server/pages/page.ts';
import { PAGES } from '../../src/server/pages/pages.ts';
import { HAS_BROWSER, openBrowser, openPage, takeScreenshot, type TestPage } from '../helpers/browser.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { startJq } from '../helpers/run-jq.ts';
import { startTestWorker } from '../helpers/test-worker.ts';
import { createProjectFolder, startTestServer, type TestServer } from './test-server.ts';

const EVIL = '<img src=x onerror="document.title=`hacked`">';
const HANDLERS = {
  'doomed.mjs': `import { Discard } from 'jobqueue';
    export default async ({ evil }, { log }) => { log.info('log ' + evil); throw new Discard('reason ' + evil); };`,
};

// As people see it: in a browser. `npm test` fetches one where there is none, and says so where that cannot be.
describe.skipIf(!HAS_BROWSER)('in a browser', () => {
  let redis: TestRedis;
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    redis = await startRedis();
    server = await startTestServer(redis.url, {}, HANDLERS);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await redis?.stop();
  });

  async function deadJob(): Promise<string> {
    const { id } = await enqueue(server.project, { type: 'doomed', payload: { evil: EVIL } });
    const worker = await startTestWorker(server.project);
    await waitForJob(server.project, id);
    await worker.stop();
    return id;
  }

  it('item 16: the board shows what is stored in names, payload, reason, stack and logs as text', async () => {
    const id = await deadJob();
    const foreign = new Queue('foreign', { connection: { path: redis.socketPath } });
    onTestFinished(() => foreign.close());
    await foreign.add(EVIL, { [EVIL]: EVIL });
    const evilQueue = new Queue(EVIL, { connection: { path: redis.socketPath } });
    onTestFinished(() => evilQueue.close());
    await evilQueue.add('x', {});
    await server.project.broker.redis.call('DEL', server.project.broker.keys.queuesSearched);

    const { page, complaints } = await openPage(browser, `${server.url}/admin/queues`);
    await page.getByRole('link', { name: 'foreign' }).first().click();
    await page.getByText(EVIL, { exact: true }).first().waitFor();
    await page.goto(`${server.url}/admin/queues/queue/default/${id}?status=failed`);
    await page.getByText(`reason ${EVIL}`).first().waitFor();
    await page.getByText('Data', { exact: true }).click();
    await page.getByText(`"${EVIL}"`).first().waitFor();
    await page.getByText('Logs', { exact: true }).click();
    await page.getByText(`log ${EVIL}`).first().waitFor();
    await takeScreenshot(page, 'board-logs');
    expect(await page.title()).not.toContain('hacked');
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('the board leads from the queues to a dead job and puts it back', async () => {
    const id = await deadJob();
    const { page, complaints } = await openPage(browser, `${server.url}/admin/queues`);
    await page.getByRole('link', { name: 'default' }).first().click();
    await page.getByRole('link', { name: /^Failed/i }).click();
    await page.getByText(id).click();
    await page.waitForURL(`**/queue/default/${id}*`);
    const retry = page.locator('button:has(svg.lucide-refresh-cw)');
    // The list, which had more of them, has gone.
    await expect.poll(() => retry.count()).toBe(1);
    await takeScreenshot(page, 'board-job');
    await retry.click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await expect.poll(() => getJob(server.project, id)).toMatchObject({ status: 'pending', attempts: 0 });
    expect(complaints).toEqual([]);
  });

  it('the board shows no buttons to a key that may only look, for which the browser asks', async () => {
    const guarded = await startTestServer(redis.url, { redis: { prefix: 'guarded' } }, HANDLERS);
    onTestFinished(() => guarded.stop());
    await enqueue(guarded.project, { type: 'greet', payload: { name: 'Ada' } });
    const open = async (scope: string) => {
      const { authorization } = await guarded.key(scope, { name: scope });
      await expect.poll(async () => (await guarded.call('GET', '/api/jobs')).status).toBe(401);
      const url = `${guarded.url}/admin/queues/queue/default?status=waiting`;
      return openPage(browser, url, { username: 'me', password: authorization.replace('Bearer ', '') });
    };
    const buttons = async ({ page }: TestPage) => {
      await page.getByText('greet').first().waitFor();
      return page.locator('button:has(svg.lucide-trash2)').count();
    };
    const looking = await open('read');
    expect(await buttons(looking)).toBe(0);
    await takeScreenshot(looking.page, 'board-read-only');
    expect(await buttons(await open('operate'))).toBeGreaterThan(0);
    expect(looking.complaints).toEqual([]);
  });

  it('/docs shows each operation with what it takes, and asks no other host', async () => {
    const host = fastify();
    onTestFinished(() => host.close());
    await host.register(swagger, { openapi: { info: { title: 'jobqueue', version: '1' } } });
    const body = { type: 'object', properties: { type: { type: 'string', description: 'which handler runs it' } } };
    host.post('/api/jobs', { schema: { summary: 'Add a job', body } }, async () => null);
    mountPage(
      host,
      { project: server.project } as never,
      PAGES.find(({ path }) => path === '/docs')!,
    );
    const url = await host.listen({ host: '127.0.0.1', port: 0 });
    const { page, complaints } = await openPage(browser, `${url}/docs`);
    await page.getByText('Add a job').click();
    await page.getByRole('tab', { name: 'Schema' }).click();
    await page.getByText('which handler runs it').first().waitFor();
    await takeScreenshot(page, 'docs');
    expect(complaints).toEqual([]);
  });

  it('both come with the built program', async () => {
    const { folder, remove } = await createProjectFolder();
    onTestFinished(remove);
    const jq = startJq(['serve', '--port', '0'], { cwd: folder, env: { JQ_REDIS_URL: redis.url } });
    const [url] = await jq.says(/http:\/\/127\.0\.0\.1:\d+$/m);
    const { page, complaints } = await openPage(browser, `${url}/admin/queues`);
    await page.getByText('jobqueue').first().waitFor();
    await page.getByRole('link', { name: 'default' }).first().click();
    await page.getByText('Latest').first().waitFor();
    expect(complaints).toEqual([]);
  });
});
