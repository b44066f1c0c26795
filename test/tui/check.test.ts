import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JobQueueError } from '../../src/errors.ts';
import { renderDuration } from '../../src/lib/duration.ts';
import { check, type Condition, FIGURES, type FigureName, parseCheck } from '../../src/tui/check.ts';
import { busySnapshot, queue, snapshot } from './snapshots.ts';

const NAMES = Object.keys(FIGURES) as FigureName[];
const OPERATORS = ['<', '<=', '>', '>=', '=', '!='] as const;

const condition: fc.Arbitrary<Condition & { spaced: string }> = fc
  .record({
    queue: fc.option(fc.stringMatching(/^[a-zA-Z0-9_.{}/-]{1,20}$/), { nil: undefined }),
    figure: fc.constantFrom(...NAMES),
    operator: fc.constantFrom(...OPERATORS),
    amount: fc.nat({ max: 10_000_000 }),
    gap: fc.constantFrom('', ' '),
  })
  .map(({ queue, figure, operator, amount, gap }) => {
    const { kind } = FIGURES[figure];
    const value = kind === 'part' ? (amount % 101) / 100 : amount;
    const written = kind === 'time' ? renderDuration(amount) : kind === 'part' ? `${amount % 101}%` : String(amount);
    const text = `${queue === undefined ? '' : `${queue}:`}${figure}${gap}${operator}${gap}${written}`;
    return { ...(queue === undefined ? {} : { queue }), figure, operator, value, text, spaced: text };
  });

function refusalOf(text: string): unknown {
  try {
    parseCheck(text);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('conditions', () => {
  test('are read as they were written, with spaces or commas between them', () => {
    fc.assert(
      fc.property(
        fc.array(condition, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(' ', ',', ', ', '\n'),
        (all, gap) => {
          const text = all.map(({ spaced }) => spaced).join(gap);
          expect(parseCheck(text)).toEqual(all.map(({ spaced: _spaced, ...each }) => each));
        },
      ),
    );
  });

  test('that are none are refused, whatever they are', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z:<>=!0-9%., ]{0,30}$/)), (text) => {
        expect(refusalOf(text)).toSatisfy(
          (error) => error === undefined || (error instanceof JobQueueError && error.code === 'USAGE'),
        );
      }),
    );
  });

  test.each([
    ['', 'Expected conditions such as \'wait<1000 dlq=0\', got ""'],
    ['wait<1000 dlq', 'Expected a condition such as \'wait<1000\' at character 11, got "dlq"'],
    ['wait<', 'Expected a condition such as \'wait<1000\' at character 1, got "wait<"'],
    ['wiat<5', expect.stringMatching(/^Expected one of wait, active, .*, got "wiat"$/)],
    ['oldest<soon', "Expected a duration such as '500ms' or '60s' after oldest<, got \"soon\""],
    ['wait<-1', "Expected a number such as '1000' or '0.5' after wait<, got \"-1\""],
    ['errors<101%', "Expected a part such as '1%' or '0.01' after errors<, got \"101%\""],
    ['a:b:wait<1', 'Expected a condition such as \'wait<1000\' at character 1, got "a:b:wait<1"'],
  ])('%j says what was expected', (text, message) => {
    expect(() => parseCheck(text)).toThrow(expect.objectContaining({ message }) as Error);
  });

  test('suggest the figure that was meant', () => {
    expect(() => parseCheck('oldst<5s')).toThrow(expect.objectContaining({ hint: 'Did you mean "oldest"?' }) as Error);
  });
});

const failuresOf = (text: string, data = busySnapshot()) => check(parseCheck(text), data).map(({ message }) => message);

describe('a check', () => {
  test('names each queue that does not meet a condition, and what it has instead', () => {
    expect(failuresOf('wait<1000 dlq=0 oldest<10m errors<1%')).toEqual([
      'email: wait is 1021, expected < 1000',
      'email: dlq is 1038, expected = 0',
      'email: errors is 1.9%, expected < 1%',
      'reports: oldest is 14m00s, expected < 10m00s',
      'thumbnails: dlq is 2, expected = 0',
    ]);
    expect(failuresOf('billing:workers>0, email:slots>=20')).toEqual(['billing: workers is 0, expected > 0']);
    expect(failuresOf('paused=0')).toEqual(['reports: paused is 1, expected = 0']);
  });

  test('a drain without an end is longer than anything; what is not known otherwise counts as 0', () => {
    const data = snapshot({
      queues: [queue('a', { waiting: 3, drainMs: null, p95Ms: null }), queue('b', { drainMs: 9 })],
    });
    expect(failuresOf('drain<7d p95<1s', data)).toEqual(['a: drain is without end, expected < 7d0h']);
    expect(check(parseCheck('a:drain<1s'), data)).toMatchObject([{ queue: 'a', condition: 'a:drain<1s', value: null }]);
  });

  test('is met or not, never both', () => {
    const OPPOSITE = { '<': '>=', '<=': '>', '>': '<=', '>=': '<', '=': '!=', '!=': '=' } as const;
    fc.assert(
      fc.property(condition, (each) => {
        const { queue: _queue, ...anywhere } = each;
        const data = busySnapshot();
        const failing = check([anywhere], data).map(({ queue }) => queue);
        const others = check([{ ...anywhere, operator: OPPOSITE[anywhere.operator] }], data).map(({ queue }) => queue);
        expect([...failing, ...others].toSorted()).toEqual(data.queues.map(({ name }) => name));
      }),
    );
  });

  test('of a queue that is not there is an error, not a success', () => {
    expect(() => failuresOf('emial:wait<5')).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_QUEUE', hint: 'Did you mean "email"?' }) as Error,
    );
  });

  test('names are cleaned before they are said', () => {
    const data = snapshot({ queues: [queue('a\u001b[2Jb', { waiting: 1 })] });
    expect(failuresOf('wait=0', data)).toEqual(['a\\u{1b}[2Jb: wait is 1, expected = 0']);
  });
});
