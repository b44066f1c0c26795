import { expect, it } from 'vitest';
import { parsePrometheus, valueOf } from './prometheus-text.ts';

const gauge = (...lines: string[]): string =>
  ['# HELP jobqueue_x what it is', '# TYPE jobqueue_x gauge', ...lines, ''].join('\n');
const histogram = (...counts: number[]): string =>
  [
    '# HELP x what it is',
    '# TYPE x histogram',
    ...counts.map((count, index) => `x_bucket{le="${index === counts.length - 1 ? '+Inf' : index}"} ${count}`),
    'x_sum 1.5',
    'x_count 3',
    '',
  ].join('\n');

it('reads names, labels with what must be escaped, and values', () => {
  const families = parsePrometheus(
    gauge('jobqueue_x{a="1",b="\\"q\\" \\\\ \\n{},"} 2.5e3', 'jobqueue_x{a="2",b=""} +Inf'),
  );
  expect(families.get('jobqueue_x')?.samples).toEqual([
    { name: 'jobqueue_x', labels: { a: '1', b: '"q" \\ \n{},' }, value: 2500 },
    { name: 'jobqueue_x', labels: { a: '2', b: '' }, value: Infinity },
  ]);
  expect(valueOf(families, 'jobqueue_x', { a: '1' })).toBe(2500);
  expect(valueOf(parsePrometheus(histogram(1, 2, 3)), 'x_count')).toBe(3);
});

it.each([
  ['a last line that does not end', gauge('jobqueue_x 1').trimEnd(), 'last line'],
  ['a sample without its type', 'jobqueue_x 1\n', 'Not below its own'],
  ['a sample of another name', gauge('jobqueue_y 1'), 'Not below its own'],
  ['a value that is no number', gauge('jobqueue_x NaN'), 'Not a number'],
  ['the same series twice', gauge('jobqueue_x{a="1",b="2"} 1', 'jobqueue_x{b="2",a="1"} 1'), 'Comes twice'],
  ['a label that is not closed', gauge('jobqueue_x{a="1} 1'), 'Labels are wrong'],
  ['a quote that is not escaped', gauge('jobqueue_x{a="1"2"} 1'), 'Labels are wrong'],
  ['other labels in one family', gauge('jobqueue_x{a="1"} 1', 'jobqueue_x{b="1"} 1'), 'other labels'],
  ['a family twice', gauge('jobqueue_x 1') + gauge('jobqueue_x 1'), 'comes twice'],
  ['a counter that is not called one', gauge('jobqueue_x 1').replace('gauge', 'counter'), 'is a counter'],
  ['counts that fall', histogram(2, 1, 3), 'counts 2,1,3'],
  ['a count that is not that of +Inf', histogram(1, 2), 'is not that of +Inf'],
])('refuses %s', (_what, text, message) => {
  expect(() => parsePrometheus(text)).toThrow(message);
});
