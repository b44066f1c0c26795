import type { HandlerContext } from 'jobqueue';
import { observe, type Payload } from '../observe.ts';

/** Works for as long as its payload says, listening to its signal: not at all, or for a while. */
export default (payload: Payload, context: HandlerContext) => observe(payload, context);
