import { Box, Text, useApp, useInput, usePaste } from 'ink';
import { memo } from 'react';
import { splitKeys } from './split-keys.ts';

/** Hands the terminal to somebody else until the promise of `callback` settles. */
export type Suspend = (callback: () => Promise<void>) => Promise<void>;

export interface AppProps {
  /** The picture, one text a row. */
  rows: readonly string[];
  onKeys(keys: readonly string[], suspend: Suspend): void;
  onPaste(text: string): void;
}

/** The only component: it shows rows that are drawn already, and passes keys on. All state lives outside of React. */
export function App({ rows, onKeys, onPaste }: AppProps) {
  const { suspendTerminal } = useApp();
  useInput((input, key) => onKeys(splitKeys(input, key), suspendTerminal));
  // Without this, a text pasted by mistake would be read as commands.
  usePaste(onPaste);
  return (
    <Box flexDirection="column" height={rows.length}>
      {rows.map((row, index) => (
        <Row key={index} text={row} />
      ))}
    </Box>
  );
}

// An empty text has no height. Rows that did not change are not laid out again.
const Row = memo(({ text }: { text: string }) => <Text wrap="truncate">{text === '' ? ' ' : text}</Text>);
Row.displayName = 'Row';
