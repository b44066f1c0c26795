import { expect, it } from 'vitest';
import { mostInASecond, readTroubles } from './trouble-lines.ts';

const line = (level: string, at: number, msg = 'read ECONNRESET') =>
  JSON.stringify({ level, time: new Date(at).toISOString(), msg });

it('finds errors and warnings, but not that a handler failed as it was told to', () => {
  const log = [
    line('info', 1000),
    line('error', 2000),
    line('warn', 3000),
    line('warn', 4000, 'attempt failed'),
    line('debug', 5000),
    '',
  ];
  expect(readTroubles(log.join('\n'))).toEqual([2000, 3000]);
});

it('finds what others write into the log, at the time of what stands before it', () => {
  const log = ['Redis: redis://127.0.0.1:1 (JQ_REDIS_URL)', line('info', 1000), 'Error: boom', '    at file.js:1:2'];
  expect(readTroubles(log.join('\n'))).toEqual([1000, 1000]);
});

it('counts the most within any second', () => {
  expect(mostInASecond([])).toBe(0);
  expect(mostInASecond([3000, 1000, 1500, 1999, 2000, 2400])).toBe(4);
  expect(mostInASecond([1000, 2000, 3000])).toBe(1);
});
