import type { FastifyServerOptions } from 'fastify';
import { parseDuration } from '../lib/duration.ts';
import { parseRate } from '../lib/rate.ts';
import { parseTime } from '../lib/time.ts';
import { QUEUE_NAME } from '../options.ts';
import type { Schema } from './schema.ts';

/** How schemas are checked: nothing is removed, nothing converted, and the first fault ends it (all of them could be many). */
export const AJV_OPTIONS: FastifyServerOptions['ajv'] = {
  customOptions: {
    removeAdditional: false,
    coerceTypes: false,
    // Faults then carry the value and its schema, which the messages name.
    verbose: true,
    allowUnionTypes: true,
    formats: {
      'jq-duration': (text) => parseDuration(text) !== undefined,
      'jq-queue': QUEUE_NAME,
      'jq-rate': (text) => parseRate(text) !== undefined,
      'jq-time-ago': (text) => parseTime(text, 'ago') !== undefined,
    },
  },
};

/** Turns the texts of a query string into the numbers that its schema wants, in place; what is no number is left for the check. */
export function readNumbers(query: Record<string, unknown>, { properties = {} }: Schema): void {
  for (const [name, { type }] of Object.entries(properties)) {
    const text = query[name];
    if (type === 'integer' && typeof text === 'string' && /^-?\d+$/.test(text)) query[name] = Number(text);
  }
}
