import { describe, expect, it } from 'vitest';
import { readCredentials } from '../../src/server/credentials.ts';

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('readCredentials', () => {
  it.each([
    [{ authorization: 'Bearer jq_1' }, 'jq_1'],
    [{ authorization: 'BEARER  jq_1' }, 'jq_1'],
    [{ 'x-api-key': 'jq_1' }, 'jq_1'],
    [{ authorization: basic('ada:jq_1') }, 'jq_1'],
    [{ authorization: basic(':jq_1') }, 'jq_1'],
    [{ authorization: basic('ada:with:colons') }, 'with:colons'],
    [{ authorization: 'Bearer jq_1', 'x-api-key': 'jq_2' }, 'jq_1'],
  ])('finds the key in %j', (headers, key) => {
    expect(readCredentials(headers)).toBe(key);
  });

  it.each([
    [{ authorization: '' }],
    [{ authorization: 'Bearer' }],
    [{ authorization: 'Bearer a b' }],
    [{ authorization: 'Negotiate abc' }],
    [{ authorization: basic('ada:') }],
    [{ 'x-api-key': '' }],
  ])('takes %j for a wrong key, not for none', (headers) => {
    expect(readCredentials(headers)).toBe('');
  });

  it('knows when there is none', () => {
    expect(readCredentials({})).toBeUndefined();
  });
});
