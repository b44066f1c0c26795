import os from 'node:os';

const NAMES = ['SIGINT', 'SIGTERM'] as const;

/** Ctrl-C, and what stops a process politely. */
export interface Interrupts {
  /** Aborts with the first one; the reason is its name. */
  readonly signal: AbortSignal;
  /** Calls `listener` for every one. */
  onEach(listener: () => void): void;
}

export function listenForInterrupts(host: Pick<NodeJS.Process, 'on'>): Interrupts {
  const controller = new AbortController();
  for (const name of NAMES) host.on(name, () => controller.abort(name));
  // Only a process with a channel to its parent has this event: `jq dev` was killed, and what it started must not stay.
  host.on('disconnect', () => controller.abort('SIGTERM'));
  return {
    signal: controller.signal,
    onEach: (listener) => [...NAMES, 'disconnect' as const].forEach((name) => host.on(name as 'disconnect', listener)),
  };
}

/** As shells have it: 130 for SIGINT, 143 for SIGTERM. */
export const exitCodeOf = ({ reason }: AbortSignal): number =>
  128 + os.constants.signals[reason as (typeof NAMES)[number]];
