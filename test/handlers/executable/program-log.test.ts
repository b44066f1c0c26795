import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createProgramLog } from '../../../src/handlers/executable/program-log.ts';
import { type ContextRecord, handlerContext } from '../../helpers/handler-context.ts';

/** What comes of these pieces of a program's stderr. */
async function logOf(...pieces: string[]): Promise<ContextRecord & { lastLines: readonly string[] }> {
  const { context, record } = handlerContext();
  const log = createProgramLog(context);
  for (const piece of pieces) log.write(piece);
  await log.end();
  return { ...record, lastLines: log.lastLines };
}
const messagesOf = ({ logs }: ContextRecord): string[] => logs.map(({ message }) => message);

it('logs each line, also the last one that does not end', async () => {
  const { logs } = await logOf('one\ntw', 'o  \r\n\n  \nthr', 'ee');
  expect(logs).toEqual(['one', 'two', 'three'].map((message) => ({ level: 'info', message, fields: {} })));
});

it('is the same in whatever pieces it comes', async () => {
  const text = fc.stringMatching(/^[ab\n\r ]{0,30}$/);
  await fc.assert(
    fc.asyncProperty(fc.array(text), async (pieces) => {
      expect(messagesOf(await logOf(...pieces))).toEqual(messagesOf(await logOf(pieces.join(''))));
    }),
  );
});

it.each([
  ['{"level":"warn","msg":"low","disk":7}', 'warn', 'low', { disk: 7 }],
  ['{"level":"WARNING","message":"low"}', 'warn', 'low', {}],
  ['{"level":50,"time":1700000000000,"pid":5,"msg":"broken"}', 'error', 'broken', { pid: 5 }],
  ['{"level":"critical","msg":"broken"}', 'error', 'broken', {}],
  ['{"level":"trace","msg":""}', 'debug', '', {}],
  ['{"level":"loud","msg":"what"}', 'info', 'what', {}],
  ['{"msg":"no level"}', 'info', 'no level', {}],
  ['{"level":"error"}', 'info', '{"level":"error"}', {}],
  ['{"msg":5}', 'info', '{"msg":5}', {}],
  ['{"msg":"cut off', 'info', '{"msg":"cut off', {}],
  ['["msg"]', 'info', '["msg"]', {}],
  ['{"__proto__":{"level":"error"},"msg":"own"}', 'info', 'own', expect.anything()],
])('keeps the level and fields of a line that a logger wrote: %s', async (line, level, message, fields) => {
  expect((await logOf(`${line}\n`)).logs).toEqual([{ level, message, fields }]);
  expect(Object.prototype).not.toHaveProperty('level');
});

it('takes progress for progress, and the latest for what counts', async () => {
  expect(await logOf('{"progress":40}\n')).toMatchObject({ progress: [40], logs: [] });
  const { progress } = await logOf(Array.from({ length: 100 }, (_, index) => `{"progress":${index}}\n`).join(''));
  expect(progress).toEqual([0, 99]);
  expect(await logOf('{"progress":5,"level":"warn","msg":"slow"}')).toMatchObject({
    progress: [5],
    logs: [{ level: 'warn', message: 'slow' }],
  });
  expect(await logOf('{"progress":101}\n{"progress":"5"}')).toMatchObject({
    progress: [],
    logs: [{ message: '{"progress":101}' }, { message: '{"progress":"5"}' }],
  });
});

it('goes on when progress cannot be stored', async () => {
  const { context, record } = handlerContext();
  const log = createProgramLog({ ...context, progress: () => Promise.reject(new Error('Redis is away')) });
  log.write('{"progress":1}\nstill here\n');
  await log.end();
  expect(messagesOf(record)).toEqual(['still here', 'Its progress was not stored: Redis is away']);
});

it('shows of a line that is drawn again and again what a terminal would', async () => {
  expect(messagesOf(await logOf('10%\r', '50%\r100%\ndone\r\n'))).toEqual(['100%', 'done']);
});

it('cuts what is too long and leaves out what is too much, but tells how much and knows the end', async () => {
  const [long, next] = (await logOf('x'.repeat(5000), 'x'.repeat(50_000), 'y\nnext')).logs;
  expect(long!.message).toBe('x'.repeat(8192));
  expect(next!.message).toBe('next');

  const { logs, lastLines } = await logOf(Array.from({ length: 2500 }, (_, index) => `line ${index}\n`).join(''));
  expect(logs).toHaveLength(1001);
  expect(logs.at(-1)).toEqual({ level: 'warn', message: '1,500 more lines of its log were left out', fields: {} });
  expect(lastLines).toEqual(Array.from({ length: 20 }, (_, index) => `line ${2480 + index}`));
});
