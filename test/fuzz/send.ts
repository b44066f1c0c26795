import http from 'node:http';
import type { ReceivedAnswer } from '../helpers/api-description.ts';
import type { OddRequest } from './odd-requests.ts';

/** Longer than anything may take: a wait is at most some milliseconds here. */
const PATIENCE_MS = 10_000;

const agent = new http.Agent({ keepAlive: true });

/** Sends a request as it is; of a stream of events the first ones are enough. @throws Error when no answer comes in time */
export function send(url: string, { method, path, headers, body }: OddRequest): Promise<ReceivedAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, agent, method, path, headers: withLength(headers, body) });
    const timer = setTimeout(() => request.destroy(new Error(`no answer in ${PATIENCE_MS / 1000}s`)), PATIENCE_MS);
    request.on('error', reject).on('close', () => clearTimeout(timer));
    request.on('response', (response) => {
      const contentType = response.headers['content-type'];
      const chunks: Buffer[] = [];
      const finish = (): void =>
        resolve({ status: response.statusCode!, contentType, text: Buffer.concat(chunks).toString() });
      response.on('error', reject).on('end', finish);
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (contentType?.startsWith('text/event-stream')) {
          finish();
          request.destroy();
        }
      });
    });
    request.end(body);
  });
}

const withLength = (headers: Record<string, string>, body: string | undefined): http.OutgoingHttpHeaders => ({
  ...headers,
  ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
});
