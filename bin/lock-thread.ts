import { runLockThread } from '../src/broker/locks/lock-thread.ts';

// What a worker process starts in a thread, apart from bin/jq.ts: it needs so little of the program.
void runLockThread();
