import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { JobQueueError, messageOf } from '../../src/errors.ts';
import type { PayloadChange } from '../../src/jobs/change-payload.ts';
import { parseExactJson, parseJson } from '../../src/lib/json.ts';
import { runEditor as runEditorOn } from '../../src/lib/run-editor.ts';
import { assertCanConfirm, confirm } from '../framework/confirm.ts';
import type { Context } from '../framework/context.ts';

interface Edit {
  queue: string | undefined;
  allowUnknown: boolean;
  yes: boolean;
}

/**
 * Lets a person change the payload of a dead letter in an editor, again and again until its handler's schema takes it.
 * @throws JobQueueError JOB_NOT_FOUND, JOB_STATE, FAILED when the editor fails; INVALID_JSON, INVALID_PAYLOAD
 */
export async function editPayload(context: Context, id: string, edit: Edit): Promise<PayloadChange> {
  assertCanConfirm(context, edit);
  const project = await context.project();
  const { readDeadPayload } = await import('../../src/jobs/replay-dead-letters.ts');
  const { changePayload } = await import('../../src/jobs/change-payload.ts');
  const { type, payload } = await readDeadPayload(project, id, edit.queue);
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'jq-edit-'));
  try {
    const file = path.join(folder, `${id.replace(/[^\w.-]/g, '_')}.json`);
    await fs.writeFile(file, `${JSON.stringify(parseExactJson(payload), null, 2)}\n`, { mode: 0o600 });
    for (;;) {
      await runEditor(context, file);
      try {
        const value = readJson(await fs.readFile(file, 'utf8'));
        const change = { assignments: [{ path: [], value }], allowUnknown: edit.allowUnknown };
        await changePayload(project, type, payload, change);
        return change;
      } catch (error) {
        if (!context.canAsk || !(error instanceof JobQueueError)) throw error;
        context.stderr.write(`${messageOf(error)}\n`);
        await confirm(context, 'Edit again?', { yes: false });
      }
    }
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

/** @throws JobQueueError INVALID_JSON */
function readJson(text: string): ReturnType<typeof parseExactJson> {
  const parsed = parseJson(text);
  if ('value' in parsed) return parseExactJson(text);
  const { line, column, reason } = parsed.fault;
  throw new JobQueueError('INVALID_JSON', `The payload is not JSON: line ${line}, column ${column}: ${reason}`);
}

async function runEditor({ env, cwd }: Context, file: string): Promise<void> {
  const editor = env.VISUAL || env.EDITOR || 'vi';
  const how = await runEditorOn(editor, file, { env, cwd, output: 'stderr' });
  if (how === undefined) return;
  throw new JobQueueError('FAILED', `Nothing was done: the editor (${editor}) ${how}`, {
    hint: 'Set $VISUAL or $EDITOR to the editor that you like',
  });
}
