import { once } from 'node:events';
import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import pino from 'pino';
import { createApiKey } from '../../src/jobs/api-keys.ts';
import { openProject, type Project } from '../../src/jobs/project.ts';
import { type Scope, scopeList } from '../../src/jobs/scopes.ts';
import { startServer } from '../../src/server/server.ts';

// `greet` says what its payload must be; `anything` takes all.
const HANDLERS = {
  'greet.mjs': `
    const validate = (value) => typeof value?.name === 'string' ? { value } : { issues: [{ message: 'expected a text', path: ['name'] }] };
    export default {
      input: { '~standard': { version: 1, vendor: 'test', validate } },
      run: async ({ name }) => ({ greeting: 'Hello, ' + name }),
    };`,
  'anything.mjs': 'export default async (payload) => payload;',
};

/** What a server answered. `body` is the JSON, or the text of what is none, typed by whoever looks at it. */
export interface Answer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

export interface ErrorAnswer {
  error: { code: string; message: string; hint?: string; details?: unknown };
}

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly project: Project;
  /** The lines of the server's log. */
  readonly log: Record<string, unknown>[];
  /** Sends a request; `body` goes as JSON, or as it is when it is a text. */
  call<Body = ErrorAnswer>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<Body>>;
  /** Makes an API key. @returns the headers that bring it */
  key(scopes: string, options?: { name?: string; expiresAt?: number }): Promise<{ authorization: string }>;
  /** Stops the server and closes the project. */
  stop(): Promise<void>;
}

/** A project folder with two handlers, and more if given (file name to source), which is removed by `remove`. */
export async function createProjectFolder(
  config: object = {},
  handlers: Record<string, string> = {},
): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'jq-server-'));
  await fs.mkdir(path.join(folder, 'handlers'));
  await fs.writeFile(path.join(folder, 'jobqueue.config.json'), JSON.stringify(config));
  for (const [name, source] of Object.entries({ ...HANDLERS, ...handlers }))
    await fs.writeFile(path.join(folder, 'handlers', name), source);
  return { folder, remove: () => fs.rm(folder, { recursive: true, force: true }) };
}

/** A server in this process, on a free port, for a project of its own. */
export async function startTestServer(
  redisUrl: string,
  config: object = {},
  handlers: Record<string, string> = {},
): Promise<TestServer> {
  const { folder, remove } = await createProjectFolder(config, handlers);
  const project = await openProject({
    cwd: folder,
    env: { JQ_REDIS_URL: redisUrl, JQ_PORT: '0' },
    connection: 'lasting',
  });
  const log: Record<string, unknown>[] = [];
  const logger = pino({ base: null }, { write: (line) => log.push(JSON.parse(line) as Record<string, unknown>) });
  const server = await startServer(project, { log: logger }).catch(async (error: unknown) => {
    await project.close();
    await remove();
    throw error;
  });
  return {
    url: server.url,
    port: Number(new URL(server.url).port),
    project,
    log,
    call: (method, route, body, headers) => call(server.url + route, method, body, headers),
    async key(words, { name = `key-${(keys += 1)}`, ...rest } = {}) {
      const scopes: readonly Scope[] = scopeList.parse(words)!;
      const { key } = await createApiKey(project, { name, scopes, ...rest });
      return { authorization: `Bearer ${key}` };
    },
    async stop() {
      await server.stop();
      await project.close();
      await remove();
    },
  };
}

let keys = 0;

async function call<Body>(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<Body>> {
  const content = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(url, { method, ...content, headers: { ...type, ...headers } });
  const text = await response.text();
  const isJson = text !== '' && response.headers.get('content-type')?.startsWith('application/json');
  return {
    status: response.status,
    headers: response.headers,
    body: (isJson ? JSON.parse(text) : text || null) as Body,
  };
}

/** Sends bytes as they are and returns all that comes back until the server closes. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => undefined).write(bytes);
  return text(socket);
}

/**
 * Sends the head of a request and resolves when the server has begun to handle it, which it says with `100 Continue`.
 * `answer` is all that comes back until the server closes, that word included.
 */
export async function beginRequest(
  port: number,
  ...head: string[]
): Promise<{ socket: net.Socket; answer: Promise<string> }> {
  const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
  const answer = text(socket);
  socket.write(`${head.join('\r\n')}\r\nhost: localhost\r\nexpect: 100-continue\r\n\r\n`);
  await once(socket, 'data');
  return { socket, answer };
}

/** The status of an answer that {@link sendRaw} got. */
export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
