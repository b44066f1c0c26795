import { describe } from '../config/layers.ts';
import { JobQueueError } from '../errors.ts';
import { type Duration, parseDuration } from '../lib/duration.ts';
import { MOST_PRIORITY, QUEUE_NAME } from '../options.ts';
import type { Backoff, Handler, Run } from './define-handler.ts';

type Check = { expected: string; holds(value: unknown): boolean };

const isDuration = (value: unknown): boolean => parseDuration(value as Duration) !== undefined;
const SPAN: Check = {
  expected: "a duration above 0 such as '30s'",
  holds: (value) => isDuration(value) && parseDuration(value) !== 0,
};

const FIELDS: Record<keyof Handler, Check> = {
  run: { expected: 'a function', holds: (value) => typeof value === 'function' },
  input: { expected: 'a Standard Schema (zod, valibot, arktype, …)', holds: isStandardSchema },
  queue: { expected: 'a queue name', holds: (value) => typeof value === 'string' && QUEUE_NAME.test(value) },
  priority: {
    expected: `an integer from 0 to ${MOST_PRIORITY}`,
    holds: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MOST_PRIORITY,
  },
  attempts: { expected: 'an integer ≥ 1', holds: (value) => Number.isInteger(value) && (value as number) >= 1 },
  backoff: { expected: "an object such as { type: 'exponential', delay: '2s' }", holds: isBackoff },
  timeout: SPAN,
  expiresIn: SPAN,
  description: { expected: 'a text', holds: (value) => typeof value === 'string' },
};

/**
 * The default export of a handler file as a handler; a plain function becomes one.
 * @throws JobQueueError HANDLER_BROKEN saying which field of which file, what was expected and what was got
 */
export function assertHandler(exported: unknown, file: string): Handler {
  if (typeof exported === 'function') return { run: exported as Run<unknown> };
  if (exported === null || typeof exported !== 'object' || !('run' in exported)) {
    throw new JobQueueError(
      'HANDLER_BROKEN',
      `Expected ${file} to export a handler by default, got ${exported === undefined ? 'no default export' : describe(exported)}`,
      {
        hint: 'export default defineHandler({ async run(payload, context) { … } })',
      },
    );
  }
  for (const [name, value] of Object.entries(exported)) {
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name as keyof Handler] : undefined;
    if (!field)
      throw new JobQueueError('HANDLER_BROKEN', `Unknown field \`${name}\` in ${file}`, {
        hint: `Fields: ${Object.keys(FIELDS).join(', ')}`,
      });
    if (value !== undefined && !field.holds(value)) {
      throw new JobQueueError(
        'HANDLER_BROKEN',
        `Expected \`${name}\` in ${file} to be ${field.expected}, got ${describe(value)}`,
      );
    }
  }
  return exported as Handler;
}

function isStandardSchema(value: unknown): boolean {
  // A schema may be a function (arktype) or an object (zod).
  const standard = (value as { '~standard'?: { validate?: unknown } } | null | undefined)?.['~standard'];
  return typeof standard?.validate === 'function';
}

function isBackoff(value: unknown): boolean {
  const { type, delay, jitter } = (value ?? {}) as Partial<Backoff>;
  const jitterHolds = jitter === undefined || (typeof jitter === 'number' && jitter >= 0 && jitter <= 1);
  return (type === 'exponential' || type === 'fixed') && isDuration(delay) && jitterHolds;
}
