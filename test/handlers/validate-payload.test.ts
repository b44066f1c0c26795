import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { validatePayload } from '../../src/handlers/validate-payload.ts';

/** A schema made by hand, as any library may make one. */
const schemaOf = (validate: StandardSchemaV1.Props['validate']): StandardSchemaV1 => ({
  '~standard': { version: 1, vendor: 'by-hand', validate },
});

describe('with zod', () => {
  const schema = z.object({
    to: z.email(),
    copies: z.array(z.object({ to: z.string() })).default([]),
    note: z.string().optional(),
  });

  it('gives the payload as the schema converts it', async () => {
    expect(await validatePayload('mail', schema, { to: 'ada@example.com', extra: 1 })).toEqual({
      to: 'ada@example.com',
      copies: [],
    });
  });

  it('names every fault with its path', async () => {
    await expect(async () =>
      validatePayload('mail', schema, { to: 'ada', copies: [{ to: 'bo' }, { to: 5 }] }),
    ).rejects.toMatchObject({
      code: 'INVALID_PAYLOAD',
      httpStatus: 422,
      message: expect.stringMatching(/^The payload of mail was refused: to: .*; copies\[1\]\.to: /) as string,
      details: [
        { path: 'to', message: expect.any(String) as string },
        { path: 'copies[1].to', message: expect.any(String) as string },
      ],
    });
  });

  it('speaks of the payload as a whole without a path', async () => {
    await expect(async () => validatePayload('mail', schema, null)).rejects.toMatchObject({
      message: expect.stringMatching(/^The payload of mail was refused: [^:]+: expected object/) as string,
      details: [{ path: '', message: expect.any(String) as string }],
    });
  });
});

describe('with a schema of any maker', () => {
  it('waits for one that takes its time', async () => {
    const schema = schemaOf(async (value) => ({ value: [value] }));
    expect(await validatePayload('mail', schema, 5)).toEqual([5]);
  });

  it('writes every kind of path', async () => {
    const key = Symbol('secret');
    const schema = schemaOf(() => ({
      issues: [
        { message: 'no path' },
        { message: 'empty path', path: [] },
        { message: 'mixed', path: ['a', 0, { key: 'b' }, { key: 1 }] },
        { message: 'symbol', path: [key] },
        { message: 'number first', path: [2, 'x'] },
      ],
    }));
    await expect(async () => validatePayload('mail', schema, {})).rejects.toMatchObject({
      message:
        'The payload of mail was refused: no path; empty path; a[0].b[1]: mixed; Symbol(secret): symbol; [2].x: number first',
    });
  });

  it('passes on what the schema itself throws', async () => {
    const schema = schemaOf(() => {
      throw new RangeError('broken schema');
    });
    await expect(async () => validatePayload('mail', schema, {})).rejects.toThrow(RangeError);
  });
});
