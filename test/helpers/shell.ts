import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { Terminal } from './terminal.ts';

/** An interactive shell on a pseudo-terminal of the system. */
export interface Shell {
  /** Types a line. */
  enter(line: string): void;
  /** Makes the window another size, for the emulator and for what runs in it. */
  resize(columns: number, rows: number): Promise<void>;
  /** Closes the window: the system hangs up on everything that still runs in it. */
  close(): Promise<void>;
}

/**
 * Opens a shell that is shown by `terminal`. util-linux' `script`, which every Debian has, makes the pseudo-terminal, and
 * `stty` changes its size: no package has to be built for that.
 */
export async function openShell(
  terminal: Terminal,
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Shell> {
  const { columns, rows } = terminal.stdout;
  const command = `stty cols ${columns} rows ${rows}; tty; exec env PS1='ready> ' bash --norc --noprofile -i`;
  const script = spawn('script', ['-qfec', command, '/dev/null'], {
    cwd,
    env: { ...process.env, TERM: 'xterm-256color', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(script, 'exit');
  script.stdout.pipe(terminal.stdout);
  terminal.stdin.pipe(script.stdin);
  // What is typed after its end goes nowhere.
  script.stdin.on('error', () => {});
  const [device = ''] = await terminal.waitFor('ready>');
  return {
    enter: (line) => terminal.type(`${line}\r`),
    async resize(columns, rows) {
      terminal.resize(columns, rows);
      await promisify(execFile)('stty', ['-F', device.trim(), 'cols', String(columns), 'rows', String(rows)]);
    },
    async close() {
      script.kill('SIGKILL');
      await exit;
    },
  };
}
