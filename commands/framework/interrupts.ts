import os from 'node:os';

const NAMES = ['SIGINT', 'SIGTERM'] as const;

/** Ctrl-C, and what stops a process politely. */
export interface Interrupts {
  /** Aborts with the first one; the reason is its name. */
  readonly signal: AbortSignal;
  /** Calls `listener` for every one, also those that came before, with how many there were. */
  onEach(listener: (times: number) => void): void;
}

export function listenForInterrupts(host: Pick<NodeJS.Process, 'on'>): Interrupts {
  const controller = new AbortController();
  const listeners: ((times: number) => void)[] = [];
  let times = 0;
  const interrupt = (name: (typeof NAMES)[number]) => {
    times += 1;
    controller.abort(name);
    for (const listener of listeners) listener(times);
  };
  for (const name of NAMES) host.on(name, () => interrupt(name));
  // Only a process with a channel to its parent has this event: `jq dev` was killed, and what it started must not stay.
  host.on('disconnect', () => interrupt('SIGTERM'));
  return {
    signal: controller.signal,
    onEach(listener) {
      listeners.push(listener);
      if (times > 0) listener(times);
    },
  };
}

/** As shells have it: 130 for SIGINT, 143 for SIGTERM. */
export const exitCodeOf = ({ reason }: AbortSignal): number =>
  128 + os.constants.signals[reason as (typeof NAMES)[number]];
