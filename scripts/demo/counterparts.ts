import { createHmac } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

interface Counterpart {
  url: string;
  close(): Promise<void>;
}

/** Takes notifications, and counts those whose Standard Webhooks signature is right. */
export async function startReceiver(
  secret: string,
): Promise<Counterpart & { secret: string; readonly verified: number }> {
  let verified = 0;
  const server = await listen(async (request) => {
    const body = await read(request);
    const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = request.headers;
    const expected = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
    if (signature === `v1,${expected}`) verified += 1;
    return { status: 204 };
  });
  return {
    ...server,
    secret,
    get verified() {
      return verified;
    },
  };
}

/** One page of a web site. */
export const startSite = (): Promise<Counterpart> =>
  listen(async () => ({
    status: 200,
    type: 'text/html',
    body: '<title>A small shop</title><h1>Welcome</h1><p>We sell <a href="/tea">tea</a> and <a href="/pots">pots</a>.</p>',
  }));

/** A payment gateway that takes every order and remembers it. */
export async function startGateway(): Promise<Counterpart & { orders: string[] }> {
  const orders: string[] = [];
  const server = await listen(async (request) => {
    orders.push((JSON.parse(await read(request)) as { order: string }).order);
    return { status: 200 };
  });
  return { ...server, orders };
}

type Answer = { status: number; type?: string; body?: string };

async function listen(answer: (request: http.IncomingMessage) => Promise<Answer>): Promise<Counterpart> {
  const server = http.createServer((request, response) => {
    answer(request).then(
      ({ status, type = 'text/plain', body }) => response.writeHead(status, { 'content-type': type }).end(body),
      () => response.writeHead(400).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: http.IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
