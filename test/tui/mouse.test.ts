import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnsOf } from '../../src/lib/text.ts';
import { actionAt } from '../../src/tui/mouse/action-at.ts';
import { createMouseSplitter, type Report } from '../../src/tui/mouse/split-mouse.ts';
import { reduce } from '../../src/tui/reduce.ts';
import { render } from '../../src/tui/render.ts';
import { type State, viewOf } from '../../src/tui/state.ts';
import { PLACES } from './pages.ts';
import { at, press, rowsOf, send, start } from './states.ts';

// oxlint-disable-next-line no-control-regex -- that is what is looked for
const ESCAPES = /\u001b\[?/g;

/** The keys that are left, and what the mouse did. */
function splitAll(chunks: readonly string[]): { keys: string; reports: Report[] } {
  const split = createMouseSplitter();
  const parts = chunks.flatMap(split);
  return {
    keys: parts.filter((part) => typeof part === 'string').join(''),
    reports: parts.filter((part) => typeof part !== 'string'),
  };
}
/** A text in chunks that end at some places. */
const cut = (text: string, places: readonly number[]): string[] => {
  const ends = [...new Set(places.map((place) => place % (text.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...ends].map((from, index) => text.slice(from, ends[index] ?? text.length));
};

describe('what a terminal sends', () => {
  test('reports are taken out of the keys, in their order', () => {
    expect(createMouseSplitter()('j\u001b[<0;10;5M\u001b[<0;10;5mk\u001b[B\u001b[<65;1;1M')).toEqual([
      'j',
      { what: 'click', column: 9, row: 4 },
      'k\u001b[B',
      { what: 'wheel-down', column: 0, row: 0 },
    ]);
  });

  test.each([
    ['a click with Ctrl', '\u001b[<16;2;3M', [{ what: 'click', column: 1, row: 2 }]],
    ['the wheel with Shift', '\u001b[<68;2;3M', [{ what: 'wheel-up', column: 1, row: 2 }]],
    ['another button', '\u001b[<2;2;3M', []],
    ['a button that is let go', '\u001b[<0;2;3m', []],
    ['a motion', '\u001b[<35;2;3M', []],
    ['garbage', '\u001b[<;;M', []],
    ['more garbage', '\u001b[<1;2;3;4;5M', []],
    ['a number without an end', `\u001b[<${'9'.repeat(1000)}M`, []],
  ])('%s leaves no keys', (_what, text, reports) => expect(splitAll([text])).toEqual({ keys: '', reports }));

  test.each([
    ['arrows', ['\u001b[A\u001bOB\u001b[1;5C']],
    ['Escape', ['\u001b']],
    ['Escape and a letter', ['\u001b', 'q']],
    ['an arrow in pieces', ['\u001b', '[', 'A']],
    ['a filter', ['age<10m', 'x[<1']],
    ['what is pasted', ['\u001b[200~a\u001b[<0;1;1M', 'b\u001b[<0;1', ';1M\u001b[201~']],
    ['a paste whose marks are in pieces', ['\u001b[20', '0~\u001b[<0;1;1M\u001b[2', '01~']],
  ])('%s stays', (_what, chunks) => expect(splitAll(chunks)).toEqual({ keys: chunks.join(''), reports: [] }));

  test('wherever it is cut, the same is told, and no part of it is a key', () => {
    const piece = fc.oneof(
      fc.constantFrom('j', 'M', '\u001b[A', '5', '\u001b[200~D\u001b[<0;1;1M\u001b[201~', 'größe', '\r'),
      fc
        .tuple(fc.constantFrom(0, 64, 65, 2), fc.nat(300), fc.nat(99), fc.constantFrom('M', 'm'))
        .map(([button, column, row, end]) => `\u001b[<${button};${column};${row}${end}`),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.nat()), (pieces, places) => {
        const whole = splitAll([pieces.join('')]);
        const found = splitAll(cut(pieces.join(''), places));
        expect(found.reports).toEqual(whole.reports);
        // What may be the key Escape is passed on before it is known to be none.
        const bare = (keys: string) => keys.replaceAll(ESCAPES, '');
        expect(bare(found.keys)).toBe(bare(whole.keys));
      }),
    );
  });

  test('whatever comes, nothing is added to it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('\u001b', '[', '<', '0', ';', 'M', '2', '~', 'j') })),
        (chunks) => {
          const { keys } = splitAll(chunks);
          expect(keys.length).toBeLessThanOrEqual(chunks.join('').length);
        },
      ),
    );
  });
});

describe('where it is clicked', () => {
  const LOOK = { color: false, ascii: false };
  const click = (column: number, row: number): Report => ({ what: 'click', column, row });
  /** The state after a click on a text of the picture, found there as a person finds it. */
  function clickOn(state: State, text: string): State {
    const rows = render(state, LOOK);
    const row = rows.findIndex((line) => line.includes(text));
    const column = columnsOf(rows[row]!.slice(0, rows[row]!.indexOf(text)));
    const action = actionAt(state, click(column, row));
    return action ? reduce(state, action).state : state;
  }

  test.each([
    [60, 15],
    [80, 24],
    [160, 45],
  ])('on a row, a title, a tab, a hint, at %dx%d', (columns, rows) => {
    const state = start(undefined, [columns, rows]);
    expect(rowsOf(clickOn(state, 'thumbnails  ')).cursor).toBe('thumbnails');
    expect(clickOn(clickOn(state, 'thumbnails  '), 'thumbnails  ').place).toMatchObject({ queue: 'thumbnails' });
    const sorted = clickOn(state, 'DLQ  ');
    expect(viewOf(sorted).sort).toEqual({ column: 'DLQ', descending: true });
    expect(viewOf(clickOn(sorted, 'DLQ▼')).sort).toEqual({ column: 'DLQ', descending: false });
    expect(clickOn(state, '4 Workers').place).toEqual({ screen: 'workers' });
    expect(clickOn(state, '? help').focus).toBe('help');
  });

  test('on a tab of a place, Escape still leads back where it did', () => {
    const jobs = send(start(), { type: 'open' });
    const other = clickOn(jobs, 'completed');
    expect(other.place).toMatchObject({ screen: 'jobs', state: 'completed' });
    expect(press(other, 'escape').place).toEqual({ screen: 'queues' });
  });

  test('nothing that changes anything is done by it, wherever it is', () => {
    for (const [, place, page] of PLACES) {
      for (const focus of ['list', 'filter', 'question', 'palette', 'help', 'failures'] as const) {
        const state = { ...at(start(), place, page), focus };
        for (let row = -1; row <= 24; row += 1) {
          for (let column = -1; column <= 80; column += 1) {
            const action = actionAt(state, click(column, row));
            expect(['act', 'enter', 'typed', 'stop']).not.toContain(action?.type);
            expect(action === undefined || focus === 'list').toBe(true);
          }
        }
      }
    }
  });

  test('the wheel moves what is looked at, and answers no question', () => {
    const wheel = (state: State): State => {
      const action = actionAt(state, { what: 'wheel-down', column: 5, row: 9 });
      return action ? reduce(state, action).state : state;
    };
    expect(viewOf(wheel(start())).index).toBe(3);
    expect(wheel(press(start(), '?')).scrolled).toBe(3);
    const asked = press(start(), 'a', 'P');
    expect(wheel(asked)).toBe(asked);
    expect(actionAt(send(start(), { type: 'resized', columns: 20, rows: 5 }), click(1, 1))).toBeUndefined();
  });
});
