import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodemailerError } from 'nodemailer';
import { defineHandler, Discard } from 'jobqueue';
import { z } from 'zod';

const { SMTP_URL, MAIL_FROM = 'jobqueue@localhost', OUTBOX = './outbox' } = process.env;

/** Sends one e-mail. Without `SMTP_URL` (`smtp://user:password@host:587`) it becomes an .eml file in `OUTBOX`. */
export default defineHandler({
  description: 'Sends an e-mail over SMTP, or writes it to a folder',
  input: z.object({
    to: z.email(),
    subject: z.string().min(1),
    body: z.string().default(''),
    html: z.string().optional(),
  }),
  queue: 'mail',
  attempts: 5,
  timeout: '30s',

  async run({ to, subject, body, html }, { job, log, signal, once }) {
    // Imported here, because `jq enqueue` loads this file too, to check the payload, and does not need a mailer for that.
    const { createTransport } = await import('nodemailer');

    // The same Message-ID in every attempt: should a mail go out twice, mail programs can tell. Ids may hold any text.
    const name = encodeURIComponent(job.id);
    const mail = { from: MAIL_FROM, to, subject, text: body, html, messageId: `<${name}@jobqueue>`, signal };

    if (!SMTP_URL) {
      const { message } = await createTransport({ streamTransport: true, buffer: true }).sendMail(mail);
      const file = join(OUTBOX, `${name}.eml`);
      await mkdir(OUTBOX, { recursive: true });
      await writeFile(file, message, { signal });
      log.info({ file }, 'written');
      return { file };
    }

    // A mail cannot be taken back, so a later attempt gets the recorded receipt and sends nothing.
    const receipt = await once('send', async () => {
      try {
        const { accepted, messageId } = await createTransport(SMTP_URL).sendMail(mail);
        return { accepted, messageId };
      } catch (error) {
        throw isRefusedForGood(error) ? new Discard(error.message, { cause: error }) : error;
      }
    });
    log.info(receipt, 'sent');
    return receipt;
  },
});

// Only an answer about this recipient or this text is final. A refused login or sender is for the worker's owner to mend.
function isRefusedForGood(error: unknown): error is NodemailerError {
  const { permanent, command = '' } = error as NodemailerError;
  return permanent === true && ['RCPT TO', 'DATA'].includes(command);
}
