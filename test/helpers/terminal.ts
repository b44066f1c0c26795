import { createRequire } from 'node:module';
import { PassThrough, Writable } from 'node:stream';

// A package of the older kind, whose exports Node does not see.
const { Terminal: Emulator } = createRequire(import.meta.url)('@xterm/headless') as typeof import('@xterm/headless');

/** A terminal without a window: what a program writes to `stdout` becomes a screen that can be read. */
export interface Terminal {
  stdin: NodeJS.ReadableStream;
  stdout: NodeJS.WritableStream & { columns: number; rows: number };
  /** Sends keys as the terminal would, all in one chunk. */
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  /** Closes the window. */
  hangUp(): void;
  /** What is visible with its looks, as runs of text of one look, row by row. */
  runs(): Promise<Run[][]>;
  /** The lines that are visible, without trailing spaces, once everything written has been drawn. */
  screen(): Promise<string[]>;
  /** Waits until the screen contains `text` and returns it; fails with the screen when it does not come. */
  waitFor(text: string | RegExp): Promise<string[]>;
  /** Everything written so far, escape sequences included. */
  written(): string;
  /** Whether the program put the terminal on its alternate screen, hid the cursor, takes keys one by one, and the mouse. */
  mode(): { alternate: boolean; cursor: boolean; raw: boolean; mouse: boolean };
}

/** Text of one look. Colours are the 16 of ANSI, by number; `undefined` is the terminal's own. */
export interface Run {
  column: number;
  columns: number;
  text: string;
  look: { color: number | undefined; bold: boolean; dim: boolean; inverse: boolean };
}

// Less than a test may take, so that a failure shows the screen.
const PATIENCE_MS = 20_000;

export function createTerminal(columns: number, rows: number): Terminal {
  // convertEol is what the line discipline of a real terminal does with \n.
  const emulator = new Emulator({ cols: columns, rows, convertEol: true, allowProposedApi: true });
  let written = '';
  let raw = false;
  const watchers = new Set<() => void>();
  emulator.onWriteParsed(() => watchers.forEach((watch) => watch()));

  const stdout = Object.assign(
    new Writable({
      decodeStrings: false,
      write(chunk: string, _encoding, done) {
        written += chunk;
        emulator.write(chunk, done);
      },
    }),
    { isTTY: true, columns, rows },
  );
  const input = new PassThrough();
  const stdin = Object.assign(input, {
    isTTY: true,
    ref: () => stdin,
    unref: () => stdin,
    setRawMode(on: boolean) {
      raw = on;
      return stdin;
    },
  });

  const lines = () => {
    const buffer = emulator.buffer.active;
    return Array.from(
      { length: emulator.rows },
      (_, row) => buffer.getLine(buffer.viewportY + row)?.translateToString(true) ?? '',
    );
  };
  const runsOf = (row: number): Run[] => {
    const runs: Run[] = [];
    const line = emulator.buffer.active.getLine(emulator.buffer.active.viewportY + row);
    for (let column = 0; column < emulator.cols; column += 1) {
      const cell = line?.getCell(column);
      // The second half of a wide letter has no width.
      if (!cell || cell.getWidth() === 0) continue;
      const look = {
        color: cell.isFgPalette() ? cell.getFgColor() : undefined,
        bold: cell.isBold() !== 0,
        dim: cell.isDim() !== 0,
        inverse: cell.isInverse() !== 0,
      };
      const last = runs.at(-1);
      const text = cell.getChars() || ' ';
      if (last && JSON.stringify(last.look) === JSON.stringify(look)) {
        last.text += text;
        last.columns += cell.getWidth();
      } else runs.push({ column, columns: cell.getWidth(), text, look });
    }
    return runs;
  };
  const drawn = () => new Promise<void>((resolve) => emulator.write('', resolve));

  return {
    stdin,
    stdout,
    type: (keys) => void input.write(keys),
    resize(width, height) {
      emulator.resize(width, height);
      Object.assign(stdout, { columns: width, rows: height });
      stdout.emit('resize');
    },
    hangUp: () => void input.end(),
    async runs() {
      await drawn();
      return Array.from({ length: emulator.rows }, (_, row) => runsOf(row));
    },
    async screen() {
      await drawn();
      return lines();
    },
    waitFor(text) {
      const found = () =>
        typeof text === 'string' ? lines().join('\n').includes(text) : text.test(lines().join('\n'));
      return new Promise((resolve, reject) => {
        const settle = (finish: () => void) => {
          clearTimeout(timer);
          watchers.delete(watch);
          finish();
        };
        const watch = () => found() && settle(() => resolve(lines()));
        const timer = setTimeout(
          () => settle(() => reject(new Error(`No ${String(text)} on the screen:\n${lines().join('\n')}`))),
          PATIENCE_MS,
        );
        watchers.add(watch);
        watch();
      });
    },
    written: () => written,
    mode: () => ({
      alternate: emulator.buffer.active.type === 'alternate',
      // The emulator keeps the cursor's state to itself; the last sequence written tells.
      cursor: written.lastIndexOf('\u{1b}[?25h') >= written.lastIndexOf('\u{1b}[?25l'),
      raw,
      mouse: emulator.modes.mouseTrackingMode !== 'none',
    }),
  };
}
