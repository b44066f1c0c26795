import { describe, expect, it } from 'vitest';
import { maskSecrets } from '../../src/lib/mask-secrets.ts';

describe('maskSecrets', () => {
  it.each([
    'password',
    'Password',
    'api_key',
    'x-api-key',
    'apiKey',
    'authorization',
    'Idempotency-Key',
    'token',
    'card',
  ])('masks %s', (name) => {
    expect(maskSecrets({ [name]: 'canary', other: 1 })).toEqual({ [name]: '****', other: 1 });
    expect(maskSecrets({ a: { b: { [name]: { deep: 'canary' } } } })).toEqual({ a: { b: { [name]: '****' } } });
  });

  it('leaves the rest as it is, and copies nothing without need', () => {
    const fields = { tokens: 3, error: new Error('x'), list: [1], nothing: null, nested: { key: 'v' } };
    expect(maskSecrets(fields)).toBe(fields);
    const secret = { nested: { token: 'canary' } };
    maskSecrets(secret);
    expect(secret.nested.token).toBe('canary');
  });

  it('ends with what holds itself', () => {
    const loop: Record<string, unknown> = { token: 'canary' };
    loop.loop = loop;
    expect(maskSecrets(loop)).toMatchObject({ token: '****', loop: { token: '****' } });
  });
});
