import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { JobQueueError } from '../../errors.ts';
import { type Json, parseExactJson, parseJson } from '../../lib/json.ts';

/** Shows a file to a person until they are done with it. @returns how that failed, undefined when it did not */
export type ShowFile = (file: string) => Promise<string | undefined>;

/**
 * Lets a person change a piece of JSON. What is refused stays in its file, and the error says where.
 * @param what what it is, for people: `payload`
 * @param store does what is to be done with it, and says what that was
 * @returns what was done
 * @throws JobQueueError INVALID_JSON, and what `store` throws
 */
export async function editFile(
  what: string,
  before: Json,
  show: ShowFile,
  store: (edited: Json) => Promise<string>,
): Promise<string> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'jq-edit-'));
  const file = path.join(folder, `${what}.json`);
  let keep = false;
  try {
    const text = JSON.stringify(before, null, 2);
    await fs.writeFile(file, `${text}\n`, { mode: 0o600 });
    const how = await show(file);
    if (how !== undefined) return `Nothing was done: the editor ${how}`;
    const edited = await fs.readFile(file, 'utf8');
    if (edited.trim() === text.trim()) return 'Nothing was changed, so nothing was done';
    keep = true;
    const done = await store(readJson(what, edited));
    keep = false;
    return done;
  } catch (error) {
    if (!keep || !(error instanceof JobQueueError)) throw error;
    throw new JobQueueError(error.code, `${error.message}. What you wrote is in ${file}`, { cause: error });
  } finally {
    if (!keep) await fs.rm(folder, { recursive: true, force: true });
  }
}

/** @throws JobQueueError INVALID_JSON */
function readJson(what: string, edited: string): Json {
  const parsed = parseJson(edited);
  if ('value' in parsed) return parseExactJson(edited);
  const { line, column, reason } = parsed.fault;
  throw new JobQueueError('INVALID_JSON', `The ${what} is not JSON: line ${line}, column ${column}: ${reason}`);
}
