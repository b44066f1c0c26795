import { MIMEType } from 'node:util';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { JobQueueError } from '../errors.ts';
import { parseJson } from '../lib/json.ts';

/** Levels of objects and lists in a body. Deeper ones have no honest use, and recursive code further on could break on them. */
const MAX_DEPTH = 32;

/**
 * Makes JSON in UTF-8 the only kind of body.
 * Answers 415 to any other, 400 (INVALID_JSON) with line and column to a text that is not JSON, to one that is too deep,
 * and to keys that reach for a prototype: `__proto__`, and `prototype` in `constructor`, however they are escaped.
 */
export function acceptJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    assertPlainUtf8(request);
    const text = decode(body);
    assertDepth(text);
    void parse(request, text, (error, value) => (error ? done(explain(text)) : done(null, value)));
  });
}

function assertPlainUtf8({ headers }: FastifyRequest): void {
  const charset = new MIMEType(headers['content-type']!).params.get('charset');
  const encoding = headers['content-encoding'];
  if (charset !== null && charset.toLowerCase() !== 'utf-8') throw unsupported(`charset=${charset}`);
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw unsupported(`content-encoding: ${encoding}`);
  }
}

/** What a body is refused with that is not JSON in UTF-8. */
export const unsupported = (got: string): JobQueueError =>
  new JobQueueError('UNSUPPORTED_MEDIA', `Expected the body to be application/json in UTF-8, got ${got}`, {
    hint: 'Send the header Content-Type: application/json',
  });

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw new JobQueueError('INVALID_JSON', 'The body is not JSON: it is not UTF-8', { cause });
  }
}

function assertDepth(text: string): void {
  if (depthOf(text) <= MAX_DEPTH) return;
  throw new JobQueueError('INVALID_JSON', `The body is nested too deep: expected at most ${MAX_DEPTH} levels`);
}

/**
 * The deepest nesting of a JSON text, found without recursion, since parsers and checks that recurse come after it.
 * Of a text that is not JSON it is an estimate.
 */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    if (inString) {
      if (character === '\\') index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth--;
  }
  return deepest;
}

/** Why the parser refused `text`: it does not say so itself. */
function explain(text: string): JobQueueError {
  const parsed = locateFault(text);
  if (parsed === undefined) return new JobQueueError('INVALID_JSON', 'The body is not JSON');
  if (!('fault' in parsed)) {
    return new JobQueueError(
      'INVALID_JSON',
      'The body has a key that is not allowed: "__proto__", or "prototype" in "constructor"',
    );
  }
  const { line, column, reason } = parsed.fault;
  return new JobQueueError('INVALID_JSON', `The body is not JSON: ${reason} at line ${line}, column ${column}`, {
    details: parsed.fault,
  });
}

/** `undefined` when brackets that do not match made the parser, which recurses, run out of stack. */
function locateFault(text: string): ReturnType<typeof parseJson> | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
