import { render as mount } from 'ink';
import { App, type AppProps, type Suspend } from './app.tsx';

export interface Streams {
  stdin: NodeJS.ReadableStream;
  stdout: NodeJS.WritableStream & { columns: number; rows: number };
  stderr: NodeJS.WritableStream;
}

export interface Listener extends Pick<AppProps, 'onKeys' | 'onPaste'> {
  onResize(size: { columns: number; rows: number }): void;
}

export interface Picture {
  /** Shows these rows instead of the last ones; nothing is written but what differs, ten times a second at most. */
  draw(rows: readonly string[]): void;
  /** Hands the terminal to somebody else until the promise of `task` settles. */
  suspend: Suspend;
  /** Rejects when drawing failed; the terminal is given back by then. */
  broken: Promise<never>;
  /** Gives the terminal back as it was. */
  close(): Promise<void>;
}

/** Takes the terminal: alternate screen, no cursor, keys one by one. Both streams must be terminals. */
export function openPicture({ stdin, stdout, stderr }: Streams, first: readonly string[], listener: Listener): Picture {
  const mounted = Promise.withResolvers<Suspend>();
  const { onKeys, onPaste } = listener;
  const app = (rows: readonly string[]) => (
    <App rows={rows} onKeys={onKeys} onPaste={onPaste} onMount={mounted.resolve} />
  );
  const onResize = () => listener.onResize(sizeOf(stdout));
  // Before Ink's own listener, so that Ink lays out the picture of the new size and never one that is too tall.
  stdout.on('resize', onResize);
  const ink = mount(app(first), {
    stdin,
    stdout,
    stderr,
    alternateScreen: true,
    // Ink would turn itself off when CI is set; that these are terminals was checked before.
    interactive: true,
    exitOnCtrlC: false,
    patchConsole: false,
    incrementalRendering: true,
    maxFps: 10,
  });
  return {
    draw: (rows) => ink.rerender(app(rows)),
    suspend: async (task) => (await mounted.promise)(task),
    broken: new Promise((_resolve, reject) => void ink.waitUntilExit().catch(reject)),
    async close() {
      stdout.off('resize', onResize);
      // A blank picture first: some terminals leave what is on the alternate screen on the main one.
      ink.rerender(app(Array.from({ length: sizeOf(stdout).rows }, () => '')));
      await ink.waitUntilRenderFlush();
      ink.unmount();
      await ink.waitUntilExit();
    },
  };
}

/** The columns and rows of a terminal; one that does not know says 0. */
export const sizeOf = ({ columns, rows }: Streams['stdout']) => ({ columns: columns || 80, rows: rows || 24 });
