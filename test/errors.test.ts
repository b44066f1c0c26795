import { describe, expect, it } from 'vitest';
import { type ErrorCode, ERRORS, JobQueueError, messageOf, toError } from '../src/errors.ts';

describe('the table of errors', () => {
  it.each(Object.entries(ERRORS))('%s has a status of HTTP, an exit code and a meaning', (_code, row) => {
    expect(row.httpStatus).toBeGreaterThanOrEqual(400);
    expect(row.httpStatus).toBeLessThan(600);
    expect([1, 2, 3, 4, 5, 78, 124]).toContain(row.exitCode);
    expect(row.meaning).not.toBe('');
  });

  it.each<[ErrorCode, number, number]>([
    ['USAGE', 2, 400],
    ['INVALID_PAYLOAD', 2, 422],
    ['KEY_REUSED', 1, 422],
    ['JOB_NOT_FOUND', 5, 404],
    ['JOB_STATE', 1, 409],
    ['QUEUE_FULL', 1, 429],
    ['PARTLY_DONE', 3, 500],
    ['REDIS_UNREACHABLE', 4, 503],
    ['TIMED_OUT', 124, 504],
    ['UNSAFE_BIND', 78, 500],
  ])('%s ends a command with %d and answers a request with %d', (code, exitCode, httpStatus) => {
    expect(new JobQueueError(code, 'no')).toMatchObject({ exitCode, httpStatus });
  });
});

describe('JobQueueError', () => {
  it('is data with only what there is to say', () => {
    expect(new JobQueueError('USAGE', 'no')).toBeInstanceOf(Error);
    expect(JSON.parse(JSON.stringify(new JobQueueError('USAGE', 'no')))).toEqual({ code: 'USAGE', message: 'no' });
  });

  it('carries a hint, particulars, and its cause, which stays inside', () => {
    const cause = new Error('inner');
    const error = new JobQueueError('INVALID_PAYLOAD', 'refused', { hint: 'look', details: [{ path: 'to' }], cause });
    expect(error.cause).toBe(cause);
    expect(error.toJSON()).toEqual({
      code: 'INVALID_PAYLOAD',
      message: 'refused',
      hint: 'look',
      details: [{ path: 'to' }],
    });
  });
});

describe('messageOf', () => {
  it.each([
    ['an error', new Error('boom'), 'boom'],
    ['a text', 'boom', 'boom'],
    ['an object', { reason: 'boom' }, '{"reason":"boom"}'],
    ['null', null, 'null'],
    ['nothing', undefined, 'undefined'],
    ['an error that says nothing', new TypeError(''), 'TypeError'],
    ['an error that has only a code', Object.assign(new Error(''), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    ['an error with a cause', new Error('fetch failed', { cause: new Error('no route') }), 'fetch failed: no route'],
    ['an error that quotes its cause', new Error('no: boom', { cause: new Error('boom') }), 'no: boom'],
    ['a cause that is no error', new Error('boom', { cause: 5 }), 'boom'],
    ['a chain of causes', new Error('a', { cause: new Error('b', { cause: new Error('c') }) }), 'a: b: c'],
  ])('of %s', (_name, thrown, message) => expect(messageOf(thrown)).toBe(message));

  it.each([
    ['a bigint', 5n, '5'],
    ['a symbol', Symbol('boom'), 'Symbol(boom)'],
  ])('of %s', (_name, thrown, message) => expect(messageOf(thrown)).toBe(message));

  it('of an object that holds itself', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(messageOf(circle)).toBe('[object Object]');
  });

  it('of an error that is its own cause', () => {
    const error = new Error('boom');
    error.cause = error;
    expect(messageOf(error)).toBe('boom');
  });
});

it('makes an error of anything that was thrown, and keeps one as it is', () => {
  const error = new TypeError('boom');
  expect(toError(error)).toBe(error);
  expect(toError('boom')).toMatchObject({ name: 'Error', message: 'boom' });
});
