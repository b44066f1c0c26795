import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Proxy, startProxy } from './proxy.ts';
import { createRandom } from './random.ts';

const random = createRandom('proxy');
let folder: string;
let server: net.Server;
let heard: string;
let proxy: Proxy;

/** Answers each request with its text and a mark. */
beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-proxy-'));
  heard = '';
  server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      heard += String(chunk);
      socket.write(`${String(chunk)}!`);
    });
  });
  server.listen(path.join(folder, 'server.sock'));
  await once(server, 'listening');
  proxy = await startProxy(path.join(folder, 'server.sock'));
});
afterEach(async () => {
  await proxy.close();
  server.close();
  fs.rmSync(folder, { recursive: true });
});

async function connect() {
  const socket = net.connect(Number(new URL(proxy.url).port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  const client = { socket, got: '', closed: false };
  socket.on('data', (chunk) => (client.got += String(chunk)));
  socket.on('close', () => (client.closed = true));
  return client;
}

async function exchange(client: Awaited<ReturnType<typeof connect>>, text: string) {
  client.socket.write(text);
  await vi.waitUntil(() => client.got.endsWith(`${text}!`));
}

it('passes on what both sides say, and that one has closed', async () => {
  const client = await connect();
  await exchange(client, 'one');
  expect(proxy.connectionCount()).toBe(1);
  client.socket.end();
  await vi.waitUntil(() => proxy.connectionCount() === 0);
});

it('cuts after the request: it was carried out, its answer is lost', async () => {
  const client = await connect();
  await exchange(client, 'one');
  const cut = proxy.cut('after-request', random);
  client.socket.write('two');
  expect(await cut).toBeGreaterThan(0);
  await vi.waitUntil(() => client.closed);
  expect([heard, client.got]).toEqual(['onetwo', 'one!']);
});

it('cuts after the answer: it arrives, the connection is gone then', async () => {
  const client = await connect();
  await exchange(client, 'one');
  const cut = proxy.cut('after-answer', random);
  client.socket.write('two');
  expect(await cut).toBeGreaterThan(0);
  await vi.waitUntil(() => client.closed);
  expect(client.got).toBe('one!two!');
});

it('cuts one connection and no other', async () => {
  const [first, second] = [await connect(), await connect()];
  await exchange(first, 'a');
  await exchange(second, 'b');
  const cut = proxy.cut('after-answer', random);
  first.socket.write('c');
  second.socket.write('d');
  expect(await cut).toBeGreaterThan(0);
  await vi.waitUntil(() => first.closed || second.closed);
  expect([first.closed, second.closed].toSorted()).toEqual([false, true]);
});

it('spares a connection that does not speak in time', async () => {
  const client = await connect();
  expect(await proxy.cut('after-answer', random, 20)).toBeUndefined();
  await exchange(client, 'one');
  expect(client.closed).toBe(false);
});

it('silences the connections there are, for good, and none that come later', async () => {
  const client = await connect();
  await exchange(client, 'one');
  proxy.silence();
  client.socket.write('two');
  const later = await connect();
  await exchange(later, 'three');
  expect([heard, client.got, client.closed]).toEqual(['onethree', 'one!', false]);
});

it('passes on later, and in order, when told so', async () => {
  const client = await connect();
  proxy.delay(50);
  const began = performance.now();
  client.socket.write('one');
  await vi.waitUntil(() => heard === 'one');
  client.socket.write('two');
  await vi.waitUntil(() => client.got === 'one!');
  proxy.delay(0);
  client.socket.write('three');
  await vi.waitUntil(() => client.got.endsWith('three!'));
  expect(heard).toBe('onetwothree');
  expect(performance.now() - began).toBeGreaterThan(99);
});
