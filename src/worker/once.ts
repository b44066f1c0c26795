import { beginStep, endStep } from '../broker/once.ts';
import type { Broker } from '../broker/broker.ts';
import type { Delivery } from '../broker/consumer/consumer.ts';
import { JobQueueError } from '../errors.ts';
import type { HandlerContext } from '../handlers/define-handler.ts';
import { patiently } from './redis-trouble.ts';

const LARGEST_RESULT = 64 * 1024;
const STEP_NAME = /^[\w./:-]{1,128}$/;

/** `context.once` of one attempt. A Redis that is away is waited for: what was done must be recorded. */
export function createOnce(broker: Broker, delivery: Delivery): HandlerContext['once'] {
  const { queue, id, fence } = delivery;
  const { signal } = delivery.interruption;
  const running = new Set<string>();
  const tried = new Set<string>();
  return async (step, fn) => {
    if (typeof step !== 'string' || !STEP_NAME.test(step)) {
      throw new TypeError(
        `Expected the step of once() to be 1 to 128 of A-Z a-z 0-9 . _ / : -, got ${JSON.stringify(step)}`,
      );
    }
    if (running.has(step)) throw new Error(`once(${JSON.stringify(step)}) was called again before it had ended`);
    running.add(step);
    try {
      const key = { queue, id, step, fence };
      const { state, result } = await patiently(signal, () => beginStep(broker, key));
      if (state === 'done') return JSON.parse(result);
      if (state === 'fenced') throw new Fenced(id, step);
      // A handler may try again what has failed; what came of the first try, nobody knows then either.
      const uncertain = state === 'run-again' || tried.has(step);
      tried.add(step);
      const value = await fn(Object.freeze({ key: `${id}:${step}`, fence, uncertain }));
      const text = JSON.stringify(value ?? null);
      if (text === undefined || Buffer.byteLength(text) > LARGEST_RESULT) {
        throw new TypeError(`Expected the result of once(${JSON.stringify(step)}) to be JSON of at most 64 KiB`);
      }
      if (!(await patiently(signal, () => endStep(broker, key, text)))) throw new Fenced(id, step);
      // As every later attempt will get it, so that a Date is a text from the first one on.
      return JSON.parse(text);
    } finally {
      running.delete(step);
    }
  };
}

/** This attempt is a ghost: the job was started again meanwhile, or Redis knows nothing of this start. It may not record. */
export class Fenced extends JobQueueError {
  constructor(id: string, step: string) {
    super(
      'JOB_STATE',
      `Job ${id} was started again elsewhere: step ${JSON.stringify(step)} is not this attempt's any more`,
    );
  }
}
