import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { askHealth } from '../../src/server/ask-health.ts';
import { freePort } from '../helpers/free-port.ts';

async function listen(status: number, address = '127.0.0.1'): Promise<number> {
  const server = createServer((request, response) => {
    response.statusCode = status;
    response.end(`${request.method} ${request.url}`);
  }).listen(0, address);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

it.each(['127.0.0.1', 'localhost', '0.0.0.0'])('asks %s', async (host) => {
  expect(await askHealth({ host, port: await listen(200) }, '/livez')).toBe('GET /livez');
});

it('what does not say yes is not ready, with what it said', async () => {
  await expect(askHealth({ host: '127.0.0.1', port: await listen(503) }, '/readyz')).rejects.toMatchObject({
    code: 'NOT_READY',
    exitCode: 1,
    message: expect.stringMatching(/^Expected 200 from .*\/readyz, got 503: GET \/readyz$/) as string,
  });
});

it('nor is what does not listen', async () => {
  await expect(askHealth({ host: '127.0.0.1', port: await freePort() }, '/readyz')).rejects.toMatchObject({
    code: 'NOT_READY',
    message: expect.stringContaining('ECONNREFUSED') as string,
  });
});
