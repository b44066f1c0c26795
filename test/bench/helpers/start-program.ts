import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { PROGRAM } from './server.ts';

/** On a terminal, which `jq top` needs. @returns its pid and what it said, once it has said that it runs */
export async function startProgram(
  args: readonly string[],
  { folder, env }: { folder: string; env: NodeJS.ProcessEnv },
): Promise<{ pid: number; said: string; end(): Promise<void> }> {
  const pidFile = path.join(folder, 'pid');
  fs.rmSync(pidFile, { force: true });
  const command = `stty cols 160 rows 45; sh -c 'echo $$ > ${pidFile}; exec ${process.execPath} ${PROGRAM} ${args.join(' ')}'`;
  const terminal: ChildProcess = spawn('script', ['-qfec', command, '/dev/null'], {
    cwd: folder,
    env: { ...env, TERM: 'xterm-256color' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(terminal, 'exit');
  let seen = '';
  await new Promise<void>((resolve, reject) => {
    terminal.stdout!.on('data', (chunk) => {
      seen = (seen + String(chunk)).slice(-100_000);
      if (/Working on|http:\/\/|live 1s/.test(seen)) resolve();
    });
    void exit.then(() => reject(new Error(seen)));
  });
  const pid = Number(fs.readFileSync(pidFile, 'utf8'));
  return {
    pid,
    said: seen,
    async end() {
      process.kill(pid, 'SIGTERM');
      await exit;
    },
  };
}
