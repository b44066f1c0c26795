import { defineHandler } from 'jobqueue';
import { observe, OwnFailure, type Payload } from '../observe.ts';

/** Fails in each of its two attempts, and so becomes a dead letter. */
export default defineHandler({
  attempts: 2,
  run: (payload: Payload, context) =>
    observe(payload, context, () => {
      throw new OwnFailure('every attempt fails');
    }),
});
