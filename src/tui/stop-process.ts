import { sleep } from '../lib/clock.ts';

/**
 * What Ctrl-Z does where the terminal does not do it itself: stops all processes of the job, until the shell continues it.
 * The short sleep has two uses. The stop may reach the process a moment after the call returns; and where nobody could
 * continue the process (no job control), the system ignores the stop, and no other sign would ever come.
 */
export async function stopProcess(): Promise<void> {
  process.kill(0, 'SIGTSTP');
  await sleep(100);
}
