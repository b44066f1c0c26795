import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorFingerprint, foldMessage } from '../../src/jobs/error-fingerprint.ts';

describe('foldMessage', () => {
  it.each([
    ['connect ECONNREFUSED 10.0.0.7:25', 'connect ECONNREFUSED <address>'],
    ['connect ECONNREFUSED [::1]:6379', 'connect ECONNREFUSED <address>'],
    ['connect ECONNREFUSED fe80::1', 'connect ECONNREFUSED <address>'],
    ['no reply from smtp.example.com after 1500 ms', 'no reply from smtp.example.com after <n> ms'],
    ['GET https://api.example.com/v1/users/7?x=1 gave 503', 'GET <url> gave <n>'],
    ['mailbox ada@example.com is full', 'mailbox <email> is full'],
    ['order 0199b2f0-c4d8-7e5f-8a31-b6c2d4e5f607 is gone', 'order <id> is gone'],
    ['job j_0199b2f0c4d87e5f8a31 is gone', 'job <id> is gone'],
    ['sum is -1,024.50', 'sum is <n>'],
    ['TypeError: x is not a function', 'TypeError: x is not a function'],
    ['std::vector is out of range', 'std::vector is out of range'],
    ['first line\nsecond line 7', 'first line'],
    ['', ''],
  ])('%j', (message, folded) => {
    expect(foldMessage(message)).toBe(folded);
  });

  it('takes any text, is short, and folds no more the second time', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 1000 }), (message) => {
        const folded = foldMessage(message);
        expect(folded.length).toBeLessThanOrEqual(200);
        expect(foldMessage(folded)).toBe(folded);
      }),
    );
  });
});

it('tells types and messages apart', () => {
  const fingerprints = [
    errorFingerprint('mail', 'no reply'),
    errorFingerprint('sms', 'no reply'),
    errorFingerprint('mail', 'no reply from <address>'),
  ];
  expect(new Set(fingerprints).size).toBe(3);
  expect(errorFingerprint('mail', 'no reply')).toBe(fingerprints[0]);
  expect(fingerprints[0]).toMatch(/^[\w-]{16}$/);
});
