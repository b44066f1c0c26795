import { Transform, useApp, useInput, usePaste } from 'ink';
import { useEffect } from 'react';
import { splitKeys } from './split-keys.ts';

/** Hands the terminal to somebody else until the promise of `callback` settles. */
export type Suspend = (callback: () => Promise<void>) => Promise<void>;

export interface AppProps {
  /** The picture, one text a row, none wider than the terminal. */
  rows: readonly string[];
  onKeys(keys: readonly string[]): void;
  onPaste(text: string): void;
  /** Told once by what the terminal can be handed over. */
  onMount(suspend: Suspend): void;
}

/** The only component: it shows rows that are drawn already, and passes keys on. All state lives outside of React. */
export function App({ rows, onKeys, onPaste, onMount }: AppProps) {
  const { suspendTerminal } = useApp();
  useEffect(() => onMount(suspendTerminal), [onMount, suspendTerminal]);
  useInput((input, key) => onKeys(splitKeys(input, key)));
  // Without this, a text pasted by mistake would be read as commands.
  usePaste(onPaste);
  // One text that never changes is all that is measured and laid out: each of its lines is changed for a row when it is
  // drawn. A text for each row took twice the time.
  return <Transform transform={(_line, index) => rows[index]!}>{rows.map(() => ' ').join('\n')}</Transform>;
}
