import type { HandlerContext } from 'jobqueue';
import { observe, OwnFailure, type Payload } from '../observe.ts';

/** Fails in its first attempt. */
export default (payload: Payload, context: HandlerContext) =>
  observe(payload, context, () => {
    if (context.job.attempt === 1) throw new OwnFailure('the first attempt fails');
  });
