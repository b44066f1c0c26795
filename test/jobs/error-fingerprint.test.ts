import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorFingerprint, foldMessage } from '../../src/jobs/error-fingerprint.ts';

describe('foldMessage', () => {
  it.each([
    ['Timeout after 30000 ms', 'Timeout after <n> ms'],
    ['connect ECONNREFUSED 10.0.0.5:587', 'connect ECONNREFUSED <address>'],
    ['connect ECONNREFUSED ::1:587', 'connect ECONNREFUSED <address>'],
    ['GET https://api.example.com/v1/users/17?x=1 gave 503', 'GET <url> gave <n>'],
    ['550 No such mailbox: ada.l+x@mail.example.com', '<n> No such mailbox: <email>'],
    ['job 0199b2f0-c4d8-7e5f-8a31-b6c2d4e5f607 is gone', 'job <id> is gone'],
    ['j_0199b2f0c4d87e5f8a31 failed', '<id> failed'],
    [`Cannot find module './mail-17' in "src"`, 'Cannot find module <text> in <text>'],
    ["can't open it, it isn't there", "can't open it, it isn't there"],
    ['price -1.50 of 2,000', 'price <n> of <n>'],
    ['first line\nsecond 17', 'first line'],
    ['', ''],
  ])('%s', (message, folded) => expect(foldMessage(message)).toBe(folded));

  it('folding what is folded changes nothing, and takes no time whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => foldMessage(text).length <= 200));
    for (const unit of ['a@', "'x", ':1', 'a-1', '1.', 'http://', '"']) foldMessage(unit.repeat(100_000));
    for (const text of ['Timeout after <n> ms', '<url> <email> <id> <text>']) expect(foldMessage(text)).toBe(text);
  });
});

describe('errorFingerprint', () => {
  const facts = { type: 'send-email', errorName: 'Error', error: 'Timeout after 30 ms' };
  it('is that of the type, the name and the folded message', () => {
    const own = errorFingerprint(facts);
    expect(own).toMatch(/^[\da-f]{12}$/);
    expect(errorFingerprint({ ...facts, error: 'Timeout after 31 ms' })).toBe(own);
    const others = [{ type: 'report' }, { errorName: 'TypeError' }, { error: 'No answer after 30 ms' }];
    expect(new Set(others.map((other) => errorFingerprint({ ...facts, ...other }))).size).toBe(3);
    for (const other of others) expect(errorFingerprint({ ...facts, ...other })).not.toBe(own);
  });
});
