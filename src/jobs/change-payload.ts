import { JobQueueError } from '../errors.ts';
import { validatePayload } from '../handlers/validate-payload.ts';
import { assign, type Assignment } from '../lib/assignment.ts';
import { type Json, parseExactJson } from '../lib/json.ts';
import type { Project } from './project.ts';

export interface PayloadChange {
  assignments: readonly Assignment[];
  /** Also types that no handler of this project has: nothing checks their payload. */
  allowUnknown: boolean;
}

/**
 * The payload of a job, as JSON, with the changes made to it, checked against the schema of its handler.
 * @throws JobQueueError USAGE, INVALID_PAYLOAD, HANDLER_BROKEN, UNKNOWN_TYPE
 */
export async function changePayload(
  project: Project,
  type: string,
  stored: string | null,
  { assignments, allowUnknown }: PayloadChange,
): Promise<string> {
  const handler = allowUnknown ? await project.handlers.find(type) : await project.handlers.get(type);
  const text = JSON.stringify(assignTo(stored, assignments));
  if (handler?.input) await validatePayload(type, handler.input, JSON.parse(text));
  return text;
}

function assignTo(stored: string | null, assignments: readonly Assignment[]): Json {
  try {
    return assign(parseExactJson(stored ?? 'null'), assignments);
  } catch (error) {
    throw new JobQueueError('USAGE', (error as Error).message, { cause: error });
  }
}
