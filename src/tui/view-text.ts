import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runEditor } from '../lib/run-editor.ts';
import { textOf } from './cells.ts';
import type { State } from './state.ts';
import { textOfPlace } from './text.ts';

/** Shows the text of a place in $PAGER until it is left. Secrets stay masked as they are on screen. */
export async function viewText(state: State, env: NodeJS.ProcessEnv): Promise<void> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'jq-view-'));
  try {
    const file = path.join(folder, 'job.txt');
    await fs.writeFile(file, `${textOfPlace(state).map(textOf).join('\n')}\n`, { mode: 0o600 });
    await runEditor(env.PAGER || 'less', file, { env, output: 'stdout' });
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

/** Opens a file in $VISUAL or $EDITOR until it is closed. @returns how that failed */
export const openEditor = (file: string, env: NodeJS.ProcessEnv): Promise<string | undefined> =>
  runEditor(env.VISUAL || env.EDITOR || 'vi', file, { env, output: 'stdout' });
