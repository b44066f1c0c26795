import { styleText } from 'node:util';
import type { GlobalFlags } from './global-flags.ts';

export type Style = Parameters<typeof styleText>[0];
/** Dresses a text up, or leaves it as it is where there is no colour. Colour adds, it never carries a meaning alone. */
export type Paint = (style: Style, text: string) => string;

/** Whether a stream gets colour; stdout and stderr are judged apart. NO_COLOR counts when it is not empty. */
export function wantsColor(choice: GlobalFlags['color'], env: NodeJS.ProcessEnv, stream: { isTTY?: boolean }): boolean {
  if (choice === 'always') return true;
  return choice !== 'never' && stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

export const painter =
  (color: boolean): Paint =>
  (style, text) =>
    color ? styleText(style, text, { validateStream: false }) : text;

/** Whether the background is light, as somebody said or the terminal does: which of the 16 colours it has in front and behind, `0;15`. */
export function isLight(theme: string | undefined, { COLORFGBG }: NodeJS.ProcessEnv): boolean {
  if (theme === 'light' || theme === 'dark') return theme === 'light';
  const behind = Number(COLORFGBG?.split(';').at(-1) || 0);
  return behind === 7 || behind > 8;
}
