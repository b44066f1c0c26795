import { defineHandler } from 'jobqueue';
import { observeStart, type Payload } from '../observe.ts';

/** Never settles, and does not listen to its signal. */
export default defineHandler({
  attempts: 2,
  timeout: '500ms',
  run(payload: Payload, context) {
    observeStart(payload, context);
    return new Promise<never>(() => {});
  },
});
