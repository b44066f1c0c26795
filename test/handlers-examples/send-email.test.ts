import { readdir, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { handlerContext } from '../helpers/handler-context.ts';
import { attempt, checkPayload, loadExample } from './load-example.ts';
import { tempFolder } from './temp-folder.ts';

interface Delivery {
  from: string;
  to: string[];
  mail: string;
}

const refusal = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode });

/**
 * A mail server for this test. It takes all mail but for `gone@` (550), `new@` (450), `busy@` (421) and `silent@`, which
 * it never answers, and from `nobody@` (550). `asked` resolves when a recipient has been named.
 */
async function startMailServer() {
  const deliveries: Delivery[] = [];
  const asked = Promise.withResolvers<void>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onMailFrom({ address }, _session, answer) {
      answer(address.startsWith('nobody@') ? refusal(550, 'Sender not allowed') : undefined);
    },
    onRcptTo({ address }, _session, answer) {
      asked.resolve();
      if (address.startsWith('gone@')) answer(refusal(550, 'No such mailbox'));
      else if (address.startsWith('new@')) answer(refusal(450, 'Greylisted'));
      else if (address.startsWith('busy@')) answer(refusal(421, 'Try again later'));
      else if (!address.startsWith('silent@')) answer();
    },
    async onData(stream, session, answer) {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      const { mailFrom, rcptTo } = session.envelope;
      const from = mailFrom === false ? '' : mailFrom.address;
      deliveries.push({ from, to: rcptTo.map(({ address }) => address), mail: Buffer.concat(chunks).toString() });
      answer();
    },
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => void server.close(resolve)));
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, deliveries, asked: asked.promise };
}

const loadSender = (url: string, env: Record<string, string> = {}) =>
  loadExample('send-email', { SMTP_URL: url, MAIL_FROM: 'shop@example.com', ...env });

describe('send-email over SMTP', () => {
  it('delivers the mail', async () => {
    const { url, deliveries } = await startMailServer();
    const { context, record } = handlerContext({ job: { id: 'a1' } });
    const payload = { to: 'ana@example.com', subject: 'Grüße', body: 'Hello Ana', html: '<b>Hello Ana</b>' };

    const result = await attempt(await loadSender(url), payload, context);

    expect(result).toEqual({ accepted: ['ana@example.com'], messageId: '<a1@jobqueue>' });
    expect(deliveries).toHaveLength(1);
    expect(deliveries[0]).toMatchObject({ from: 'shop@example.com', to: ['ana@example.com'] });
    expect(deliveries[0]!.mail).toContain('Message-ID: <a1@jobqueue>');
    expect(deliveries[0]!.mail).toContain('Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=');
    expect(deliveries[0]!.mail).toMatch(/text\/plain[^]+\r\nHello Ana\r\n[^]+text\/html[^]+<b>Hello Ana<\/b>/);
    expect(record.logs).toMatchObject([{ level: 'info', message: 'sent', fields: { messageId: '<a1@jobqueue>' } }]);
  });

  it('sends nothing when an earlier attempt has recorded its receipt', async () => {
    const { url, deliveries } = await startMailServer();
    const handler = await loadSender(url);
    const payload = { to: 'ana@example.com', subject: 'Once' };
    const first = handlerContext();
    const second = handlerContext({ once: first.record.once, job: { attempt: 2 } });

    const receipt = await attempt(handler, payload, first.context);

    expect(await attempt(handler, payload, second.context)).toEqual(receipt);
    expect(deliveries).toHaveLength(1);
  });

  it('repeats the Message-ID when the receipt was lost', async () => {
    const { url, deliveries } = await startMailServer();
    const handler = await loadSender(url);
    for (const number of [1, 2]) {
      const { context } = handlerContext({ job: { id: 'b2', attempt: number } });
      await attempt(handler, { to: 'ana@example.com', subject: 'Twice' }, context);
    }
    const ids = deliveries.map(({ mail }) => /^Message-ID: (.+)$/im.exec(mail)?.[1]?.trim());
    expect(ids).toEqual(['<b2@jobqueue>', '<b2@jobqueue>']);
  });

  it('gives up at once on a mailbox that does not exist', async () => {
    const { url, deliveries } = await startMailServer();
    const { context, record } = handlerContext();
    await expect(
      attempt(await loadSender(url), { to: 'gone@example.com', subject: 'Hi' }, context),
    ).rejects.toMatchObject({
      name: 'Discard',
      message: expect.stringContaining('550 No such mailbox') as string,
    });
    expect(record.once.size).toBe(0);
    expect(deliveries).toEqual([]);
  });

  it.each([
    ['the server does not know the sender yet', { to: 'new@example.com' }, {}, '450 Greylisted'],
    ['the server is busy', { to: 'busy@example.com' }, {}, '421 Try again later'],
    ['the sender is refused', { to: 'ana@example.com' }, { MAIL_FROM: 'nobody@example.com' }, '550 Sender not allowed'],
    ['nothing listens there', { to: 'ana@example.com' }, { SMTP_URL: 'smtp://127.0.0.1:1' }, 'ECONNREFUSED'],
  ])('leaves it to a retry when %s', async (_case, payload, env, message) => {
    const { url } = await startMailServer();
    const handler = await loadSender(url, env);
    const failure = attempt(handler, { subject: 'Hi', ...payload }, handlerContext().context);
    await expect(failure).rejects.toMatchObject({ name: 'Error', message: expect.stringContaining(message) as string });
  });

  it('stops waiting for the server when the signal aborts', async () => {
    const { url, asked, deliveries } = await startMailServer();
    const controller = new AbortController();
    const { context } = handlerContext({ signal: controller.signal });
    const sending = attempt(await loadSender(url), { to: 'silent@example.com', subject: 'Hi' }, context);
    await Promise.all([
      expect(sending).rejects.toMatchObject({ name: 'AbortError' }),
      asked.then(() => controller.abort()),
    ]);
    expect(deliveries).toEqual([]);
  });
});

async function loadWriter() {
  const outbox = join(await tempFolder(), 'outbox');
  const handler = await loadExample('send-email', { SMTP_URL: undefined, MAIL_FROM: undefined, OUTBOX: outbox });
  return { outbox, handler };
}

describe('send-email without SMTP_URL', () => {
  it('writes the mail to a file', async () => {
    const { outbox, handler } = await loadWriter();
    const { context } = handlerContext({ job: { id: 'c3' } });

    const result = await attempt(handler, { to: 'ana@example.com', subject: 'Hi', body: 'Hello Ana' }, context);

    expect(result).toEqual({ file: join(outbox, 'c3.eml') });
    const mail = await readFile(join(outbox, 'c3.eml'), 'utf8');
    for (const line of [
      'From: jobqueue@localhost',
      'To: ana@example.com',
      'Subject: Hi',
      'Message-ID: <c3@jobqueue>',
    ]) {
      expect(mail).toContain(`${line}\r\n`);
    }
    expect(mail.trimEnd().endsWith('\r\n\r\nHello Ana')).toBe(true);
  });

  it('keeps to its folder and one file, whatever the id of the job', async () => {
    const { outbox, handler } = await loadWriter();
    for (const number of [1, 2]) {
      const { context } = handlerContext({ job: { id: '../../order 7', attempt: number } });
      await attempt(handler, { to: 'ana@example.com', subject: 'Hi' }, context);
    }
    expect(await readdir(outbox)).toEqual(['..%2F..%2Forder%207.eml']);
  });
});

describe('the payload of send-email', () => {
  it('needs an address and a subject; the body may be empty', async () => {
    const handler = await loadExample('send-email');
    const mail = { to: 'ana@example.com', subject: 'Hi' };
    expect(await checkPayload(handler, mail)).toEqual({ value: { ...mail, body: '' } });
    expect(await checkPayload(handler, { ...mail, to: 'ana' })).toEqual({ refused: ['to'] });
    expect(await checkPayload(handler, { ...mail, html: 5 })).toEqual({ refused: ['html'] });
    expect(await checkPayload(handler, { ...mail, subject: '' })).toEqual({ refused: ['subject'] });
    expect(await checkPayload(handler, {})).toEqual({ refused: ['to', 'subject'] });
  });
});
