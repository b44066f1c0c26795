import { defineHandler, type Handler, type HandlerContext } from 'jobqueue';
import { expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

const input = z.object({ to: z.email(), body: z.string().default('') });

it('gives back what it gets', () => {
  const handler = { input, attempts: 3, run: () => 1 };
  expect(defineHandler(handler)).toBe(handler);
});

it('types the payload by the schema, as it is after conversion', () => {
  const handler = defineHandler({
    input,
    run(payload, context) {
      expectTypeOf(payload).toEqualTypeOf<{ to: string; body: string }>();
      expectTypeOf(context).toEqualTypeOf<HandlerContext>();
      return payload.body.length;
    },
  });
  expectTypeOf(handler).toEqualTypeOf<Handler<{ to: string; body: string }, number>>();
  expectTypeOf(handler.run).returns.toEqualTypeOf<number | Promise<number>>();
});

it('types the result of a step by its function', () => {
  const { run } = defineHandler({
    async run(_payload: { to: string }, { once, log }) {
      const receipt = await once('send', async ({ key, fence, uncertain }) => ({ key, fence, uncertain }));
      expectTypeOf(receipt).toEqualTypeOf<{ key: string; fence: number; uncertain: boolean }>();
      // @ts-expect-error a line needs words
      log.info({ receipt });
    },
  });
  expectTypeOf(run).parameter(0).toEqualTypeOf<{ to: string }>();
  expect(run).toBeTypeOf('function');
});

it('refuses what a handler cannot have while it is written', () => {
  const refused = [
    // @ts-expect-error no such field
    defineHandler({ run: () => 1, retries: 3 }),
    // @ts-expect-error not a duration
    defineHandler({ run: () => 1, timeout: '30 seconds' }),
    // @ts-expect-error run is what it is for
    defineHandler({ queue: 'mail' }),
    // @ts-expect-error a job's own affair
    defineHandler({ run: () => 1, delay: '5s' }),
  ];
  expect(refused).toHaveLength(4);
});
