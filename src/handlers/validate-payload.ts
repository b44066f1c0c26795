import type { StandardSchemaV1 } from '@standard-schema/spec';
import { JobQueueError } from '../errors.ts';
import { andThen, type MaybeLate } from '../lib/maybe-late.ts';

/** One thing that a schema refused. `path` is empty for the payload as a whole. */
export interface PayloadFault {
  path: string;
  message: string;
}

/**
 * The payload as the schema converts it; at once when the schema does.
 * @throws JobQueueError INVALID_PAYLOAD with every {@link PayloadFault} in `details`.
 */
export const validatePayload = <Payload>(
  type: string,
  schema: StandardSchemaV1<unknown, Payload>,
  payload: unknown,
): MaybeLate<Payload> =>
  andThen(schema['~standard'].validate(payload), (result) =>
    result.issues ? refuse(type, result.issues) : result.value,
  );

function refuse(type: string, issues: readonly StandardSchemaV1.Issue[]): never {
  const faults = issues.map(({ path = [], message }): PayloadFault => ({ path: renderPath(path), message }));
  const lines = faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  throw new JobQueueError('INVALID_PAYLOAD', `The payload of ${type} was refused: ${lines.join('; ')}`, {
    details: faults,
  });
}

const renderPath = (path: readonly (PropertyKey | StandardSchemaV1.PathSegment)[]): string =>
  path
    .map((segment) => (typeof segment === 'object' ? segment.key : segment))
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
