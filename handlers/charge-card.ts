import { readFile } from 'node:fs/promises';
import { defineHandler } from 'jobqueue';
import { z } from 'zod';

const { PAYMENT_GATEWAY = './gateway.json' } = process.env;

const gatewayFile = z.object({ url: z.url() });

/**
 * Charges a card at the payment gateway whose `{"url": …}` is in the file `PAYMENT_GATEWAY`. It fails while that file is
 * missing or the gateway refuses: a dead letter to mend the cause of, and then to replay.
 */
export default defineHandler({
  description: 'Charges a card at the payment gateway',
  input: z.object({ order: z.string().min(1), amount: z.number().positive() }),
  attempts: 2,
  backoff: { type: 'fixed', delay: '100ms' },
  timeout: '10s',

  async run({ order, amount }, { signal, once }) {
    // Read in every attempt, so that a mended file is seen without a restart.
    const { url } = gatewayFile.parse(JSON.parse(await readFile(PAYMENT_GATEWAY, { encoding: 'utf8', signal })));

    // Twice guarded: no later attempt charges again, and the gateway knows the key should this one be cut off.
    return once('charge', async ({ key }) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ order, amount }),
        signal,
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`The payment gateway answered HTTP ${response.status}`);
      return { order, amount };
    });
  },
});
