import { createHmac } from 'node:crypto';
import { defineHandler, Discard, Snooze } from 'jobqueue';
import { z } from 'zod';

const { NOTIFICATION_SECRET } = process.env;

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

// Of the answers from 400 to 499, the ones that may be different next time.
const MAY_PASS = new Set([408, 425, 429]);

/**
 * Posts `{event, data}` to `url`, signed as Standard Webhooks has it (standardwebhooks.com): receivers compute the
 * HMAC-SHA256 of `<webhook-id>.<webhook-timestamp>.<raw body>`, compare `v1,<base64>` with `webhook-signature`, refuse
 * old timestamps, and ignore an id seen before. A secret that begins with `whsec_` is base64, any other is taken as it is.
 */
export default defineHandler({
  description: 'Posts a signed notification to a URL',
  input: z.object({ url: z.url({ protocol: /^https?$/ }), event: z.string().min(1), data: z.json() }),
  attempts: 8,
  timeout: '15s',

  async run({ url, event, data }, { job, log, signal }) {
    // Not a Discard: the job is fine, and works on the next attempt or replay once the worker has its secret.
    if (!NOTIFICATION_SECRET) throw new Error('Set NOTIFICATION_SECRET: only signed notifications are sent');

    const id = encodeURIComponent(job.id);
    const body = JSON.stringify({ event, data });
    const timestamp = Math.floor(Date.now() / SECOND);
    const signature = createHmac('sha256', keyOf(NOTIFICATION_SECRET))
      .update(`${id}.${timestamp}.${body}`)
      .digest('base64');
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': `v1,${signature}`,
      },
      body,
      redirect: 'manual', // the data is for the address that was asked for, and no other
      signal,
    });
    await response.body?.cancel();

    const { ok, status } = response;
    log.info({ status }, 'answered');
    if (ok) return { status };

    // A busy receiver costs no attempt, but it gets a day at most: after that its answers count.
    const waitMs = retryAfterMs(response.headers.get('retry-after'));
    const isYoung = Date.now() - job.createdAt.getTime() < DAY;
    if ((status === 429 || status === 503) && waitMs !== undefined && isYoung) throw new Snooze(waitMs);
    if (status < 500 && !MAY_PASS.has(status)) throw new Discard(`The receiver answered HTTP ${status}`);
    throw new Error(`The receiver answered HTTP ${status}`);
  },
});

const keyOf = (secret: string): Buffer =>
  secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);

/** The wait that a Retry-After header asks for, in seconds or as a date; kept between a second and an hour. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * SECOND : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, SECOND), HOUR);
}
