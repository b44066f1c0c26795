import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';

interface Running {
  env: NodeJS.ProcessEnv;
  cwd?: string | undefined;
  /** What it says is no result: where stdout is for results, it goes to stderr. */
  output: 'stdout' | 'stderr';
}

/**
 * Runs an editor or a pager on a file until it ends. `program` is a piece of shell, as people have it in $EDITOR:
 * `code --wait`.
 * @returns how it failed, undefined when it did not
 */
export async function runEditor(
  program: string,
  file: string,
  { env, cwd, output }: Running,
): Promise<string | undefined> {
  const stdio: StdioOptions = output === 'stderr' ? ['inherit', 2, 2] : 'inherit';
  const child = spawn('/bin/sh', ['-c', `${program} "$1"`, program, file], { cwd, env, stdio });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code === 0) return undefined;
  return code === null ? `was ended by ${signal}` : `ended with exit code ${code}`;
}
