/**
 * A signal that aborts as soon as one of several does, with its reason, until `release` is called.
 *
 * `AbortSignal.any` would do, but what listens to its signal is kept for as long as any of the sources lives: a source
 * that lives as long as the program would collect all that ever followed it.
 */
export function followSignals(sources: readonly AbortSignal[]): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const follow = ({ target }: Pick<Event, 'target'>): void => controller.abort((target as AbortSignal).reason);
  for (const source of sources) {
    if (source.aborted) follow({ target: source });
    else source.addEventListener('abort', follow, { once: true });
  }
  return {
    signal: controller.signal,
    release: () => sources.forEach((source) => source.removeEventListener('abort', follow)),
  };
}
