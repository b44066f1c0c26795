import { describe, expect, it } from 'vitest';
import { renderProgress } from '../../commands/framework/progress.ts';
import { renderLogLine } from '../../commands/framework/render-log-line.ts';

describe('renderLogLine', () => {
  const render = (record: object | string) =>
    renderLogLine(typeof record === 'string' ? record : JSON.stringify(record), (_style, text) => text);

  it('is for people: time, level, message, fields', () => {
    const record = { level: 'warn', time: '2030-01-31T09:00:00.000Z', pid: 1, hostname: 'web-1', job: 'j_1', ms: 12 };
    expect(render({ ...record, error: 'no reply\u001b[2J', msg: 'attempt failed' })).toBe(
      '09:00:00 warn  attempt failed job=j_1 ms=12 error="no reply\\u001b[2J"',
    );
  });

  it('leaves other text as it is, but clean', () => {
    expect(render('http://127.0.0.1:3000')).toBe('http://127.0.0.1:3000');
    expect(render('[1, 2]')).toBe('[1, 2]');
    expect(render('\u001b[31mred')).toBe('\\u{1b}[31mred');
  });
});

describe('renderProgress', () => {
  it.each([
    [430, 1021, 10_000, 'replayed 430/1,021  43/s  13.7s left'],
    [0, 10, 0, 'replayed 0/10  0/s'],
    [10, 10, 1000, 'replayed 10/10  10/s  0ms left'],
  ])('%i of %i after %i ms', (done, total, elapsedMs, text) => {
    expect(renderProgress('replayed', done, total, elapsedMs)).toBe(text);
  });
});
