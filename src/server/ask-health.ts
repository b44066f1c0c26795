import { get } from 'node:http';
import { isIPv6 } from 'node:net';
import { JobQueueError, messageOf } from '../errors.ts';
import type { ConfigValues } from '../options.ts';

/** Longer than the server takes to find that Redis does not answer. */
const PATIENCE_MS = 5000;
/** What listens on all addresses is asked on the one of this machine. */
const ALL_ADDRESSES: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * Asks the `jq serve` of this machine one of its public checks.
 * @returns what it answered
 * @throws JobQueueError NOT_READY when it says no, or nothing
 */
export async function askHealth(
  { host, port }: Pick<ConfigValues['server'], 'host' | 'port'>,
  check: '/livez' | '/readyz',
): Promise<string> {
  const hostname = ALL_ADDRESSES[host] ?? host;
  const url = `http://${isIPv6(hostname) ? `[${hostname}]` : hostname}:${port}${check}`;
  const { status, body } = await request(url).catch((cause: unknown) => {
    throw new JobQueueError('NOT_READY', `No answer from ${url}: ${messageOf(cause)}`, {
      hint: 'Is jq serve running, and on this --host and --port?',
      cause,
    });
  });
  if (status !== 200) throw new JobQueueError('NOT_READY', `Expected 200 from ${url}, got ${status}: ${body}`);
  return body;
}

function request(url: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { agent: false, signal: AbortSignal.timeout(PATIENCE_MS) }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      answer.once('error', reject).once('end', () => resolve({ status: answer.statusCode!, body }));
    });
    asked.once('error', reject);
  });
}
