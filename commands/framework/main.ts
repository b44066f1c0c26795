import { Context, type Surroundings } from './context.ts';
import { exitCodeOf, type Interrupts, listenForInterrupts } from './interrupts.ts';
import { isForJsonTool, runJsonTool } from './json-tool.ts';
import { type CommandCall, parseCall } from './program.ts';
import { reportError } from './report-error.ts';

/** The part of Node's process that a run of the program needs. */
export type HostProcess = Pick<NodeJS.Process, 'argv' | 'env' | 'cwd' | 'stdin' | 'stdout' | 'stderr' | 'on'>;

/**
 * Runs one command line from its words to its exit code. It never throws.
 * The first SIGINT or SIGTERM aborts `context.signal`; a command that does not handle it is left at once.
 */
export async function main(host: HostProcess): Promise<number> {
  const argv = host.argv.slice(2);
  const surroundings = { cwd: host.cwd(), env: host.env, stdin: host.stdin, stdout: host.stdout, stderr: host.stderr };
  try {
    if (isForJsonTool(argv, host.env)) return await runJsonTool(argv, host);
    const call = parseCall(argv);
    if ('command' in call) return await runCommand(call, surroundings, listenForInterrupts(host));
    host.stdout.write(call.text);
    return 0;
  } catch (error) {
    return reportError(error, argv, surroundings);
  }
}

async function runCommand(call: CommandCall, surroundings: Surroundings, interrupts: Interrupts): Promise<number> {
  const { signal } = interrupts;
  const context = new Context(surroundings, { globals: call.globals, options: call.options, interrupts });
  const running = call.command
    .run(context, call.input)
    .then((code) => code ?? 0)
    .catch((error: unknown) => {
      const byInterrupt = signal.aborted && (error === signal.reason || (error as Error).name === 'AbortError');
      if (byInterrupt) return exitCodeOf(signal);
      throw error;
    })
    .finally(() => context.close());
  if (call.command.handlesSignals) return running;
  const interrupted = new Promise<number>((resolve) => {
    signal.addEventListener('abort', () => resolve(exitCodeOf(signal)), { once: true });
  });
  return Promise.race([running, interrupted]);
}
