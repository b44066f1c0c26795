import { AsyncLocalStorage } from 'node:async_hooks';
import { createBullBoard } from '@bull-board/api';
import { FastifyAdapter } from '@bull-board/fastify';
import { fastify } from 'fastify';
import type { Logger } from 'pino';
import { type BoardQueue, openBoardQueues } from '../../broker/board/board-queues.ts';
import { ERRORS, JobQueueError, messageOf, toError } from '../../errors.ts';
import { audit } from '../../jobs/audit.ts';
import { assetRoot } from '../assets.ts';
import { HTTP_ERRORS, sentence } from '../http-error.ts';
import type { ServerContext } from '../route.ts';
import { BoardAdapter, type BoardUser } from './board-adapter.ts';
import { describeChange } from './board-changes.ts';
import { forward, type PageApp } from './page.ts';

const BOARD_PATH = '/admin/queues';

/** The board twice: for those who may only look, and for those who may change something. */
const MODES = ['look', 'change'] as const;

/** Bull Board on all queues of this Redis. */
export async function createBoardPage({ project, log }: ServerContext): Promise<PageApp> {
  const queues = openBoardQueues(project.broker);
  /** Bull Board does not tell whose request it is that it makes calls for. */
  const inUse = new AsyncLocalStorage<BoardUser>();
  const app = fastify();
  const boards = MODES.map((mode) => {
    const server = new FastifyAdapter();
    const board = createBullBoard({
      queues: [],
      serverAdapter: server,
      options: {
        uiBasePath: assetRoot('bull-board', project.config.env),
        // Of workers it would list the connections, one command for each queue at each glance.
        uiConfig: { boardTitle: 'jobqueue', hideDocsLink: true, showWorkers: false, miscLinks: LINKS },
      },
    });
    server.setBasePath(BOARD_PATH).setErrorHandler((error) => toAnswer(error, log));
    app.register(server.registerPlugin(), { prefix: `/${mode}` });
    const adapters = new WeakMap<BoardQueue, BoardAdapter>();
    const adapterOf = (queue: BoardQueue): BoardAdapter => {
      const options = { readOnly: mode === 'look', user: () => inUse.getStore()! };
      const adapter = adapters.get(queue) ?? new BoardAdapter(queue, options);
      adapters.set(queue, adapter);
      return adapter;
    };
    return { show: (list: readonly BoardQueue[]) => board.replaceQueues(list.map(adapterOf)) };
  });
  app.addHook('onRequest', async ({ url }) => {
    if (!/^\/\w+\/api\//.test(url)) return;
    const list = await queues.list();
    for (const board of boards) board.show(list);
  });
  // The page is whole without the font that it would get from elsewhere.
  app.addHook('onSend', async (_request, reply, payload) =>
    String(reply.getHeader('content-type')).startsWith('text/html') && typeof payload === 'string'
      ? payload.replaceAll(/<link [^>]*href="https:[^>]*>/g, '')
      : payload,
  );
  await app.ready();
  return {
    async answer(request, onBehalf) {
      const user: BoardUser = { project: onBehalf, abilities: request.abilities! };
      const [mode, path] = [user.abilities.has('operate') ? 'change' : 'look', request.url.slice(BOARD_PATH.length)];
      // It is sent when it is awaited, which must be in there.
      const answer = await inUse.run(user, async () => await app.inject(forward(request, `/${mode}${path}`)));
      const isLook = ['GET', 'HEAD'].includes(request.method) || answer.statusCode >= 300;
      const change = isLook ? undefined : describeChange(path.replace(/^\/api\/queues/, ''));
      if (change) await audit(onBehalf, { ...change, ...countOf(answer.body) });
      return answer;
    },
    async close() {
      await app.close();
      await queues.close();
    },
  };
}

const LINKS = [
  { text: 'API', url: '/docs' },
  { text: 'Metrics', url: '/metrics' },
];

/** Of all that it does to many, the board says only how many it retried. */
function countOf(body: string): { count?: number } {
  const { retried } = JSON.parse(body || '{}') as { retried?: number };
  return retried === undefined ? {} : { count: retried };
}

/** An error as the board shows it. */
function toAnswer(thrown: unknown, log: Logger): { status: 400 | 500; body: never } {
  const { httpStatus, message } = describe(thrown);
  if (httpStatus >= 500) log.error({ reason: messageOf(thrown) }, 'the board failed');
  return {
    status: httpStatus as 400 | 500,
    body: { error: { key: 'ERRORS.INTERNAL_SERVER_ERROR' }, message } as never,
  };
}

/** Below 500 what is wrong; from 500 on no word of Redis'. */
function describe(thrown: unknown): { httpStatus: number; message: string } {
  const error = toError(thrown);
  if (error instanceof JobQueueError && error.httpStatus < 500) {
    return { httpStatus: error.httpStatus, message: [error.message, error.hint].filter(Boolean).join('. ') };
  }
  // BullMQ's own refusals have a number.
  if (typeof (error as { code?: unknown }).code === 'number') return { httpStatus: 409, message: error.message };
  const isBug = [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
  if (isBug) return { httpStatus: 500, message: sentence(HTTP_ERRORS.INTERNAL.meaning) };
  // All else that fails comes from the connection.
  return { httpStatus: 503, message: sentence(ERRORS.REDIS_UNREACHABLE.meaning) };
}
