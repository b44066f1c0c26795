import path from 'node:path';
import { type Browser, chromium, type HTTPCredentials, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { findBrowser } from '../../scripts/browser/find-browser.ts';

const found = findBrowser(process.env);

/** Whether there is a browser here; `npm test` fetches one where it can. */
export const HAS_BROWSER = found !== undefined;

/** A headless browser, to be closed in `afterAll`. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: found!.program,
    // It sees nothing but our own pages, and its sandbox needs what containers do not have.
    args: ['--no-sandbox'],
    env: { ...process.env, ...found!.env } as Record<string, string>,
  });

export interface TestPage {
  page: Page;
  /** What the browser complained about: scripts that failed or were forbidden, files that could not be had, other hosts. */
  complaints: string[];
}

/** A page in a browser profile of its own, which is closed when the test ends; `login` is what its user types when asked. */
export async function openPage(browser: Browser, url: string, login?: HTTPCredentials): Promise<TestPage> {
  const context = await browser.newContext({
    locale: 'en-US',
    viewport: { width: 1280, height: 900 },
    ...(login ? { httpCredentials: login } : {}),
  });
  onTestFinished(() => context.close());
  // What does not show by then never will, and the failure should say what it was.
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('requestfailed', (request) => {
    // Who goes to another page leaves some behind.
    const { errorText } = request.failure()!;
    if (errorText !== 'net::ERR_ABORTED') complaints.push(`${errorText}: ${request.url()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin) && !request.url().startsWith('data:')) {
      complaints.push(`to another host: ${request.url()}`);
    }
  });
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url);
  return { page, complaints };
}

/** For people to look at after a run: `JQ_TEST_SCREENSHOTS=folder npm test -- pages`. */
export async function takeScreenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.JQ_TEST_SCREENSHOTS;
  if (folder) await page.screenshot({ path: path.join(folder, `${name}.png`) });
}
