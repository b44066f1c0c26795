import { isGroup } from '../../commands/framework/define-command.ts';
import { type HostProcess, main } from '../../commands/framework/main.ts';
import { TOPICS } from '../../commands/help/topics.ts';
import { COMMANDS } from '../../commands/index.ts';

/** What the program says about itself, and which command lines ask for it. */
export interface OwnTexts {
  /** The words of a line, with NUL between them, to the index of its text. */
  lines: Record<string, number>;
  texts: string[];
}

/** Too long to be read by those who ask for another text; and the executable has it anyway. */
const LONG_TOPICS = ['licences'];

/** Has the program answer every line that asks for a text which is always the same: bare `jq`, help and its topics. */
export async function ownTexts(): Promise<OwnTexts> {
  const visible = COMMANDS.filter((each) => isGroup(each) || !each.hidden);
  const commands = visible.flatMap((each) => [
    [each.name],
    ...(isGroup(each) ? each.subcommands.map((row) => [each.name, row.name]) : []),
  ]);
  const topics = Object.keys(TOPICS).filter((name) => !LONG_TOPICS.includes(name));
  const asked = [
    [],
    ...[[], ...commands].flatMap((words) => [
      [...words, '--help'],
      [...words, '-h'],
      ['help', ...words],
    ]),
    ...topics.map((name) => ['help', name]),
  ];

  const texts: string[] = [];
  const lines: Record<string, number> = {};
  for (const words of asked) {
    const text = await answerTo(words);
    if (!texts.includes(text)) texts.push(text);
    lines[words.join('\0')] = texts.indexOf(text);
  }
  return { lines, texts };
}

async function answerTo(words: readonly string[]): Promise<string> {
  let written = '';
  const stream = { write: (text: string) => (written += text) };
  const code = await main({
    argv: ['node', 'jq', ...words],
    env: {},
    cwd: () => '/',
    stdin: {},
    stdout: stream,
    stderr: stream,
    on() {},
  } as unknown as HostProcess);
  if (code !== 0) throw new Error(`Expected a text from "jq ${words.join(' ')}", got: ${written}`);
  return written;
}
