import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { JobQueueError } from '../../src/errors.ts';
import { runEditor } from '../../src/lib/run-editor.ts';
import type { Context } from './context.ts';

interface Editing<Result> {
  /** The ending of the file, by which editors know what it is. */
  suffix: string;
  /** Does what the text is for. @throws JobQueueError what is wrong with it */
  accept(text: string): Promise<Result>;
}

/**
 * Lets a person change a text in $VISUAL or $EDITOR. When what comes out is refused, it stays in its file, and the error
 * says where.
 * @throws JobQueueError USAGE without an editor or a terminal, FAILED when the editor does, and what `accept` throws
 */
export async function editText<Result>(
  context: Context,
  text: string,
  { suffix, accept }: Editing<Result>,
): Promise<Result> {
  const editor = context.env.VISUAL || context.env.EDITOR;
  if (!editor) {
    throw new JobQueueError('USAGE', 'Expected an editor in $VISUAL or $EDITOR', {
      hint: 'Or say what to change: --payload, --priority, --delay',
    });
  }
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'jobqueue-edit-'));
  const file = path.join(folder, `payload${suffix}`);
  await fs.writeFile(file, `${text}\n`, { mode: 0o600 });
  let keep = false;
  try {
    const how = await runEditor(editor, file, { env: context.env, output: 'stdout' });
    if (how !== undefined) throw new JobQueueError('FAILED', `The editor ${how}: nothing was changed`);
    const edited = await fs.readFile(file, 'utf8');
    keep = edited.trim() !== text;
    const result = await accept(edited);
    keep = false;
    return result;
  } catch (error) {
    if (keep && error instanceof JobQueueError) context.note(`What you wrote is in ${file}`);
    throw error;
  } finally {
    if (!keep) await fs.rm(folder, { recursive: true, force: true });
  }
}
