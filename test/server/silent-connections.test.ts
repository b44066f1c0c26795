import { once } from 'node:events';
import { createServer } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { endSilentConnections } from '../../src/server/silent-connections.ts';

const AFTER_MS = 300;
const LARGE = Buffer.alloc(64 * 1024 * 1024);

let server: ReturnType<typeof createServer>;
let connect: () => net.Socket;

beforeEach(async () => {
  server = createServer((_request, response) => response.end(LARGE));
  endSilentConnections(server, AFTER_MS);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  connect = () => net.connect(port, '127.0.0.1').on('error', () => {});
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const GET = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n';

it('ends a connection on which nothing comes', async () => {
  const socket = connect().resume();
  await once(socket, 'close');
  expect(socket.bytesRead).toBe(0);
});

it('ends one whose answer nobody reads', async () => {
  const [[served]] = await Promise.all([
    once(server, 'connection') as Promise<[net.Socket]>,
    once(connect().pause(), 'connect').then(() => undefined),
  ]);
  const asked = connect().pause();
  const [reader] = (await once(server, 'connection')) as [net.Socket];
  asked.write(GET);
  await Promise.all([once(served, 'close'), once(reader, 'close')]);
  expect(reader.bytesWritten).toBeLessThan(LARGE.length + 1000);
  asked.destroy();
});

it('leaves one alone on which something moves, however little', async () => {
  const socket = connect();
  let isClosed = false;
  socket.once('close', () => (isClosed = true));
  await once(socket, 'connect');
  for (const character of GET.slice(0, 12)) {
    socket.write(character);
    await sleep(AFTER_MS / 6);
  }
  expect(isClosed).toBe(false);
  socket.destroy();
});
