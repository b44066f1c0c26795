import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Terminal } from '../helpers/terminal.ts';

/** An interactive shell on a pseudo-terminal of the system, shown by `terminal`. Ends, with all it started, by the function returned. */
export async function openShell(
  terminal: Terminal,
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<() => Promise<void>> {
  const { columns, rows } = terminal.stdout;
  const command = `stty cols ${columns} rows ${rows}; exec env PS1='ready> ' bash --norc --noprofile -i`;
  const script = spawn('script', ['-qfec', command, '/dev/null'], {
    cwd,
    env: { ...process.env, TERM: 'xterm-256color', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  script.stdout.pipe(terminal.stdout);
  terminal.stdin.pipe(script.stdin);
  await terminal.waitFor('ready>');
  return async () => {
    const exit = once(script, 'exit');
    // The system hangs up on everything that still runs on the pseudo-terminal.
    script.kill('SIGKILL');
    await exit;
  };
}
