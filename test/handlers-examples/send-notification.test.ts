import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Snooze } from '../../src/index.ts';
import { now } from '../../src/lib/clock.ts';
import { handlerContext } from '../helpers/handler-context.ts';
import { attempt, checkPayload, loadExample } from './load-example.ts';
import { bodyOf, serveHttp } from './serve-http.ts';

const SECRET = 'correct horse battery staple';
const loadNotifier = () => loadExample('send-notification', { NOTIFICATION_SECRET: SECRET });

interface Received {
  method: string | undefined;
  path: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A receiver that answers everything alike and keeps what it got. */
async function startReceiver(status = 200, answerHeaders: OutgoingHttpHeaders = {}) {
  const received: Received[] = [];
  const url = await serveHttp(async (request, response) => {
    const { method, url: path, headers } = request;
    received.push({ method, path, headers, body: await bodyOf(request) });
    response.writeHead(status, answerHeaders).end('{"answer":true}');
  });
  return { url, received };
}

/** What a receiver does with a signature, in the words of Web Crypto. */
async function isSigned({ headers, body }: Received, secret: string): Promise<boolean> {
  const [version, base64] = String(headers['webhook-signature']).split(',');
  const text = new TextEncoder();
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', text.encode(secret), hmac, false, ['verify']);
  const signed = text.encode(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`);
  return version === 'v1' && crypto.subtle.verify('HMAC', key, Buffer.from(base64 ?? '', 'base64'), signed);
}

describe('send-notification', () => {
  it('posts the event with a signature that the receiver can verify', async () => {
    const { url, received } = await startReceiver(202);
    const before = Math.floor(now() / 1000);
    const { context, record } = handlerContext({ job: { id: 'n1' } });
    const payload = { url: `${url}/hooks?shop=1`, event: 'order.paid', data: { order: 'A-17', total: 'für 12 €' } };

    const result = await attempt(await loadNotifier(), payload, context);

    expect(result).toEqual({ status: 202 });
    expect(received).toHaveLength(1);
    const [request] = received as [Received];
    expect(request).toMatchObject({
      method: 'POST',
      path: '/hooks?shop=1',
      headers: { 'content-type': 'application/json', 'webhook-id': 'n1' },
    });
    expect(JSON.parse(request.body)).toEqual({ event: 'order.paid', data: payload.data });
    expect(await isSigned(request, SECRET)).toBe(true);
    expect(await isSigned(request, 'another secret')).toBe(false);
    expect(await isSigned({ ...request, body: request.body.replace('A-17', 'A-18') }, SECRET)).toBe(false);
    expect(await isSigned({ ...request, headers: { ...request.headers, 'webhook-id': 'n2' } }, SECRET)).toBe(false);
    const timestamp = Number(request.headers['webhook-timestamp']);
    expect(timestamp).toBeGreaterThanOrEqual(before);
    expect(timestamp).toBeLessThanOrEqual(now() / 1000);
    expect(record.logs).toMatchObject([{ level: 'info', fields: { status: 202 } }]);
  });

  it.each([301, 400, 401, 404, 410, 422])('gives up at once on HTTP %i', async (status) => {
    const { url } = await startReceiver(status, { location: 'http://127.0.0.1:1/', 'retry-after': '5' });
    const failure = attempt(await loadNotifier(), { url, event: 'ping', data: null }, handlerContext().context);
    await expect(failure).rejects.toMatchObject({ name: 'Discard', message: `The receiver answered HTTP ${status}` });
  });

  it.each([408, 425, 429, 500, 502, 503])('leaves HTTP %i to a retry', async (status) => {
    const { url } = await startReceiver(status);
    const failure = attempt(await loadNotifier(), { url, event: 'ping', data: null }, handlerContext().context);
    await expect(failure).rejects.toMatchObject({ name: 'Error', message: `The receiver answered HTTP ${status}` });
  });

  it('does not follow a redirect with its data', async () => {
    const elsewhere = await startReceiver();
    const { url } = await startReceiver(307, { location: elsewhere.url });
    const failure = attempt(await loadNotifier(), { url, event: 'ping', data: null }, handlerContext().context);
    await expect(failure).rejects.toMatchObject({ name: 'Discard' });
    expect(elsewhere.received).toEqual([]);
  });

  it('leaves a cut connection to a retry', async () => {
    const url = await serveHttp((request) => void request.socket.destroy());
    const failure = attempt(await loadNotifier(), { url, event: 'ping', data: null }, handlerContext().context);
    await expect(failure).rejects.toMatchObject({ name: 'TypeError', message: 'fetch failed' });
  });

  it('sends nothing without a secret, and leaves that to a retry', async () => {
    const { url, received } = await startReceiver();
    const handler = await loadExample('send-notification', { NOTIFICATION_SECRET: undefined });
    const failure = attempt(handler, { url, event: 'ping', data: null }, handlerContext().context);
    await expect(failure).rejects.toMatchObject({
      name: 'Error',
      message: expect.stringContaining('NOTIFICATION_SECRET') as string,
    });
    expect(received).toEqual([]);
  });

  it('stops waiting for the receiver when the signal aborts', async () => {
    const arrived = Promise.withResolvers<void>();
    const url = await serveHttp(() => arrived.resolve());
    const controller = new AbortController();
    const { context } = handlerContext({ signal: controller.signal });
    const sending = attempt(await loadNotifier(), { url, event: 'ping', data: null }, context);
    await Promise.all([
      expect(sending).rejects.toMatchObject({ name: 'AbortError' }),
      arrived.promise.then(() => controller.abort()),
    ]);
  });
});

const HOUR = 3_600_000;

/** How the attempt failed that got this answer. */
async function failureOf(status: number, retryAfter: string, createdAt = new Date()): Promise<Error> {
  const { url } = await startReceiver(status, { 'retry-after': retryAfter });
  const { context } = handlerContext({ job: { createdAt } });
  const sending = attempt(await loadNotifier(), { url, event: 'ping', data: null }, context);
  return sending.then(
    () => expect.unreachable('the attempt should fail'),
    (error: Error) => error,
  );
}

describe('Retry-After', () => {
  it.each([
    [429, '7', 7000],
    [503, '120', 120_000],
    [429, '0', 1000],
    [503, '999999', HOUR],
    [429, 'Thu, 01 Jan 1970 00:00:00 GMT', 1000],
    [503, 'Fri, 31 Dec 9999 23:59:59 GMT', HOUR],
  ])('of HTTP %i with "%s" puts the job off', async (status, retryAfter, delayMs) => {
    expect(await failureOf(status, retryAfter)).toMatchObject({ name: 'Snooze', delayMs });
  });

  it('may be a date', async () => {
    const before = now();
    const { delayMs } = (await failureOf(429, new Date(before + 600_000).toUTCString())) as Snooze;
    // The header has whole seconds, and some time has gone since.
    expect(delayMs).toBeLessThanOrEqual(600_000);
    expect(delayMs).toBeGreaterThanOrEqual(599_000 - (now() - before));
  });

  it.each([
    [429, 'soon'],
    [503, ''],
    [500, '5'],
  ])('of HTTP %i with "%s" does not: the attempt counts', async (status, retryAfter) => {
    expect(await failureOf(status, retryAfter)).toMatchObject({ name: 'Error' });
  });

  it('no longer puts a job off that is more than a day old', async () => {
    expect(await failureOf(429, '5', new Date(now() - 25 * HOUR))).toMatchObject({ name: 'Error' });
  });
});

describe('the payload of send-notification', () => {
  const payload = { url: 'https://example.com/hooks', event: 'order.paid', data: { items: [1, 'two', null] } };

  it('takes any JSON as data', async () => {
    expect(await checkPayload(await loadNotifier(), payload)).toEqual({ value: payload });
  });

  it.each([
    [{ url: 'ftp://example.com/' }, 'url'],
    [{ url: '/hooks' }, 'url'],
    [{ event: '' }, 'event'],
    [{ data: undefined }, 'data'],
  ])('refuses %j', async (wrong, field) => {
    expect(await checkPayload(await loadNotifier(), { ...payload, ...wrong })).toEqual({ refused: [field] });
  });
});
