import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { handlerContext } from '../helpers/handler-context.ts';
import { attempt, checkPayload, loadExample } from './load-example.ts';
import { bodyOf, serveHttp } from './serve-http.ts';
import { tempFolder } from './temp-folder.ts';

const ORDER = { order: 'A-17', amount: 12.5 };

/** The handler with a gateway that answers with `status`, and the file that does not name it yet. */
async function setUp(status = 201) {
  const charges: { key: unknown; body: unknown }[] = [];
  const url = await serveHttp(async (request, response) => {
    charges.push({ key: request.headers['idempotency-key'], body: JSON.parse(await bodyOf(request)) as unknown });
    response.writeHead(status).end();
  });
  const file = join(await tempFolder(), 'gateway.json');
  const handler = await loadExample('charge-card', { PAYMENT_GATEWAY: file });
  return { charges, handler, mend: () => writeFile(file, JSON.stringify({ url })), file };
}

describe('charge-card', () => {
  it('fails until the gateway file is there, and then charges', async () => {
    const { charges, handler, mend } = await setUp();
    const { context } = handlerContext({ job: { id: 'p1' } });
    await expect(attempt(handler, ORDER, context)).rejects.toMatchObject({ name: 'Error', code: 'ENOENT' });

    await mend();

    await expect(attempt(handler, ORDER, context)).resolves.toEqual(ORDER);
    expect(charges).toEqual([{ key: 'p1:charge', body: ORDER }]);
  });

  it('does not charge again after an attempt that did', async () => {
    const { charges, handler, mend } = await setUp();
    await mend();
    const first = handlerContext();
    const second = handlerContext({ once: first.record.once, job: { attempt: 2 } });
    await attempt(handler, ORDER, first.context);
    await expect(attempt(handler, ORDER, second.context)).resolves.toEqual(ORDER);
    expect(charges).toHaveLength(1);
  });

  it('fails when the gateway refuses', async () => {
    const { handler, mend } = await setUp(402);
    await mend();
    const { context, record } = handlerContext();
    await expect(attempt(handler, ORDER, context)).rejects.toThrow('The payment gateway answered HTTP 402');
    expect(record.once.size).toBe(0);
  });

  it.each([
    ['', 'JSON'],
    ['{', 'JSON'],
    ['[]', 'expected object'],
    ['{"url":"nowhere"}', 'Invalid URL'],
  ])('fails while the gateway file holds %j', async (text, message) => {
    const { charges, handler, file } = await setUp();
    await writeFile(file, text);
    await expect(attempt(handler, ORDER, handlerContext().context)).rejects.toThrow(message);
    expect(charges).toEqual([]);
  });

  it.each([
    [{ order: '' }, 'order'],
    [{ amount: 0 }, 'amount'],
    [{ amount: '12.50' }, 'amount'],
  ])('refuses %j', async (wrong, field) => {
    const { handler } = await setUp();
    expect(await checkPayload(handler, { ...ORDER, ...wrong })).toEqual({ refused: [field] });
  });
});
