import { defineHandler } from 'jobqueue';
import { observeStart, type Payload } from '../observe.ts';

/** Keeps the processor, and with it the thread that it runs in, for ever. */
export default defineHandler({
  attempts: 2,
  timeout: '1s',
  run(payload: Payload, context) {
    observeStart(payload, context);
    for (;;);
  },
});
