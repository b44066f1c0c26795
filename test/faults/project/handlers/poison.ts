import type { HandlerContext } from 'jobqueue';
import { observeStart, type Payload } from '../observe.ts';

/** Takes its process with it. */
export default function poison(payload: Payload, context: HandlerContext): never {
  observeStart(payload, context);
  process.abort();
}
