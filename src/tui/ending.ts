/** The signals that end `jq top`, with the exit code that a shell gives a process that one of them ended. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof SIGNALS;

/** The end of a session: settles once, with an exit code, whoever brings it about first. */
export interface Ending {
  code: Promise<number>;
  quit(): void;
  interrupt(): void;
  /** Stops listening, so that signals do again what they did before. */
  dispose(): void;
}

/** Listens for signals and for the loss of the terminal from now on. */
export function awaitEnding({
  stdin,
  stdout,
}: {
  stdin: NodeJS.ReadableStream;
  stdout: NodeJS.WritableStream;
}): Ending {
  const { promise, resolve } = Promise.withResolvers<number>();
  const onSignal = (signal: NodeJS.Signals) => resolve(SIGNALS[signal as Signal]);
  // The terminal went away without a signal: nobody looks, so nothing may go on asking Redis.
  const onHangup = () => resolve(SIGNALS.SIGHUP);
  const signals = Object.keys(SIGNALS) as Signal[];
  for (const signal of signals) process.on(signal, onSignal);
  stdin.on('end', onHangup).on('error', onHangup);
  stdout.on('error', onHangup);
  return {
    code: promise,
    quit: () => resolve(0),
    interrupt: () => resolve(SIGNALS.SIGINT),
    dispose() {
      for (const signal of signals) process.off(signal, onSignal);
      stdin.off('end', onHangup).off('error', onHangup);
      stdout.off('error', onHangup);
    },
  };
}
