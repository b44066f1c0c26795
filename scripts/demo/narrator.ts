const isTerminal = process.stdout.isTTY && !process.env.NO_COLOR;
const dress = (code: number, text: string): string => (isTerminal ? `\x1b[${code}m${text}\x1b[0m` : text);

export const say = (text: string): void => console.log(text);

export const heading = (text: string): void => console.log(`\n${dress(1, text)}`);

/** What a command printed. */
export function show(command: string, output: string): void {
  console.log(`  $ ${command}`);
  for (const line of output.trimEnd().split('\n')) console.log(dress(2, `    ${line}`));
}

/** Says that something holds, after it was seen to. @throws Error when it does not */
export async function claim(text: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  if (!(await holds())) throw new Error(`This does not hold: ${text}`);
  console.log(`  ${dress(32, '✓')} ${text}`);
}
