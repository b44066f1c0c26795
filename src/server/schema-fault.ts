import { describe } from '../config/layers.ts';
import { JobQueueError } from '../errors.ts';
import { didYouMean, nearest } from '../lib/nearest.ts';
import type { Schema } from './schema.ts';

/** One fault, as ajv reports it. */
export interface SchemaFault {
  keyword: string;
  /** JSON pointer to the value. */
  instancePath: string;
  params: Record<string, unknown>;
  data?: unknown;
  parentSchema?: Schema;
}

/** What an error calls the parts of a request. */
const PARTS: Record<string, string> = { body: 'body', querystring: 'query', params: 'path', headers: 'headers' };

interface Wording {
  path: string[];
  message: string;
  hint?: string | undefined;
}

/** The first of the faults that a part of a request has, as an error that says which field, what was expected and what was got. */
export function toValidationError([fault]: readonly SchemaFault[], part: string): JobQueueError {
  const word = WORDINGS[fault!.keyword] ?? wordValue;
  const { path, message, hint } = word(fault!, PARTS[part] ?? part);
  return new JobQueueError('USAGE', message, { hint, details: [{ path: path.join('.'), message }] });
}

const WORDINGS: Record<string, (fault: SchemaFault, part: string) => Wording> = {
  additionalProperties(fault, part) {
    const name = fault.params.additionalProperty as string;
    const path = [...pathOf(fault), name];
    const known = fieldsOf(fault);
    return {
      path,
      message: `Unknown field ${describe(path.join('.'))} in the ${part}`,
      hint: didYouMean(name, known) ?? `Fields here: ${known.join(', ') || 'none'}`,
    };
  },
  minProperties(fault, part) {
    return {
      path: pathOf(fault),
      message: `Expected the ${part} to have one of ${fieldsOf(fault).join(', ')} at least`,
    };
  },
  required(fault, part) {
    const name = fault.params.missingProperty as string;
    const path = [...pathOf(fault), name];
    const known = fieldsOf(fault);
    const strangers = Object.keys(fault.data as object).filter((key) => !known.includes(key));
    const misspelt = nearest(name, strangers);
    return {
      path,
      message: `Expected "${path.join('.')}" in the ${part} to be ${fault.parentSchema?.properties?.[name]?.title}, got nothing`,
      hint: misspelt && `Did you mean "${name}" by "${misspelt}"?`,
    };
  },
};

function wordValue(fault: SchemaFault, part: string): Wording {
  const path = pathOf(fault);
  const isWhole = path.length === 0;
  const subject = isWhole ? `the ${part}` : `"${path.join('.')}" in the ${part}`;
  // A request without a body has null for one.
  const got = isWhole && fault.data === null ? 'nothing' : describe(fault.data);
  return { path, message: `Expected ${subject} to be ${fault.parentSchema?.title}, got ${got}` };
}

const fieldsOf = ({ parentSchema }: SchemaFault): string[] => Object.keys(parentSchema?.properties ?? {});

const pathOf = ({ instancePath }: SchemaFault): string[] =>
  instancePath
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
