/** The bare alternative to `jq top`: Ink with one word on the screen, and nothing to do until a key comes. */
import { render, Text } from 'ink';
import { createElement } from 'react';

// Keys one by one, as a dashboard takes them.
process.stdin.setRawMode(true);
const { unmount } = render(createElement(Text, {}, 'live 1s'), { alternateScreen: true, interactive: true });
const wait = setInterval(() => {}, 1e6);
process.stdin.once('data', () => {
  clearInterval(wait);
  process.stdin.unref();
  unmount();
});
