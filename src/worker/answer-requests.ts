import type { Logger } from 'pino';
import type { Consumer } from '../broker/consumer/consumer.ts';
import type { ControlAnswer, ControlKind, ControlRequest } from '../broker/control.ts';
import { Interruption } from '../broker/interruption.ts';

/** What a worker process does when it is asked. */
export interface ControlledWorker {
  worker: string;
  consumers: readonly Consumer[];
  /** Changed when the slots are. */
  slotsByQueue: Record<string, number>;
  quiet(): void;
  stop(): void;
  log: Logger;
}

type Answer = Omit<ControlAnswer, 'worker'>;
const NOT_CONCERNED: Answer = { isDone: false };

export function answerRequests(controlled: ControlledWorker): (request: ControlRequest) => Answer {
  const { worker, consumers, slotsByQueue, quiet, stop, log } = controlled;
  const answers: { [Kind in ControlKind]: (request: Extract<ControlRequest, { kind: Kind }>) => Answer } = {
    cancel({ queue, ids, by }) {
      const why = new Interruption('cancelled', `Cancelled by ${by}`);
      const ours = consumers.filter((consumer) => consumer.queue === queue);
      const ended = ids.filter((id) => ours.some((consumer) => consumer.interrupt(id, why)));
      return { isDone: ended.length > 0, ids: ended };
    },
    quiet() {
      log.info('quiet: takes no more jobs');
      quiet();
      return { isDone: true };
    },
    stop() {
      log.info('stopping: it was asked to');
      stop();
      return { isDone: true };
    },
    'set-slots'({ queue, slots }) {
      const chosen = consumers.filter((consumer) => queue === undefined || consumer.queue === queue);
      if (chosen.length === 0) return { isDone: false, refusal: `It does not work on queue ${queue}` };
      for (const consumer of chosen) {
        consumer.setConcurrency(slots);
        slotsByQueue[consumer.queue] = slots;
      }
      log.info({ slots: slotsByQueue }, 'slots changed');
      return { isDone: true };
    },
  };
  return (request) => {
    if ('worker' in request && request.worker !== worker) return NOT_CONCERNED;
    return (answers[request.kind] as ((request: ControlRequest) => Answer) | undefined)?.(request) ?? NOT_CONCERNED;
  };
}
