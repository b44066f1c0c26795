import { defineCommand } from '../framework/define-command.ts';

/** What a worker process starts in a thread: it keeps the locks of the jobs in hand. */
export const lockThread = defineCommand({
  name: '__locks',
  summary: 'the lock thread of a worker process',
  arguments: {},
  options: [],
  flags: {},
  examples: [],
  hidden: true,
  handlesSignals: true,
  async run() {
    const { runLockThread } = await import('../../src/broker/locks/lock-thread.ts');
    await runLockThread();
  },
});
