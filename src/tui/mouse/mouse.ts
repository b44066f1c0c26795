import { createMouseSplitter, type Report } from './split-mouse.ts';

const ON = '\u001b[?1000h\u001b[?1006h';
const OFF = '\u001b[?1006l\u001b[?1000l';

/** The mouse of the terminal, which is the terminal's own until it is taken. */
export interface Mouse {
  /** What keys are to be read from: all that the terminal sends but what the mouse did. */
  stdin: NodeJS.ReadableStream;
  take(on: boolean): void;
  /** Leaves it to the terminal while somebody else has that. */
  lend(task: () => Promise<void>): Promise<void>;
  /** Leaves it to the terminal for good. */
  close(): void;
}

/** What it did is told in its order among the keys. */
export function createMouse(
  { stdin, stdout }: { stdin: NodeJS.ReadableStream; stdout: NodeJS.WritableStream },
  onReport: (report: Report) => void,
): Mouse {
  let isOn = false;
  let isClosed = false;
  let split = createMouseSplitter();
  let parts: (string | Report)[] = [];

  /** Who reads does so until there is nothing more, and handles each part before the next. */
  function read(): string | null {
    for (;;) {
      const part = parts.shift();
      if (typeof part === 'string') return part;
      if (part) onReport(part);
      else {
        const chunk = stdin.read() as string | Buffer | null;
        if (chunk === null) return null;
        parts = isOn ? split(String(chunk)) : [String(chunk)];
      }
    }
  }

  const leave = () => void stdout.write(OFF);
  const take = (on: boolean) => {
    if (on === isOn || isClosed) return;
    isOn = on;
    split = createMouseSplitter();
    stdout.write(on ? ON : OFF);
    // Whatever breaks: a shell would be flooded with what the mouse does.
    if (on) process.once('exit', leave);
    else process.off('exit', leave);
  };
  return {
    stdin: new Proxy(stdin, {
      get(target, name) {
        if (name === 'read') return read;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    }),
    take,
    async lend(task) {
      const wasOn = isOn;
      take(false);
      try {
        await task();
      } finally {
        take(wasOn);
      }
    },
    close() {
      take(false);
      isClosed = true;
    },
  };
}
