import { isUtf8 } from 'node:buffer';
import { MIMEType } from 'node:util';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { describe } from '../config/layers.ts';
import { JobQueueError } from '../errors.ts';
import { parseJson } from '../lib/json.ts';

/** Levels of objects and lists in a body. Deeper ones have no honest use, and recursive code further on could break on them. */
const MAX_DEPTH = 32;
/** Keys of one object. */
const MAX_KEYS = 1000;

/**
 * Makes JSON in UTF-8 the only kind of body.
 * Answers 415 to any other, 400 (INVALID_JSON) with line and column to a text that is not JSON, to one that is too deep or
 * has too many keys, and to keys that reach for a prototype: `__proto__`, and `prototype` in `constructor`, however they are escaped.
 */
export function acceptJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // Many clients name the type of every body, also of none.
    if (body.length === 0 && request.routeOptions.schema?.body === undefined) return done(null, undefined);
    assertPlainUtf8(request);
    const text = decode(body);
    assertShape(text);
    void parse(request, text, (error, value) => (error ? done(explain(text)) : done(null, value)));
  });
}

/** A body that is not asked for would be a wish that nobody hears. @throws JobQueueError USAGE unless it is empty */
export function assertNoBody({ body }: FastifyRequest): void {
  if (body == null || (typeof body === 'object' && Object.keys(body).length === 0)) return;
  throw new JobQueueError('USAGE', `Expected no body, got ${describe(body)}`);
}

function assertPlainUtf8({ headers }: FastifyRequest): void {
  // What nearly all send, told without taking it apart.
  if (headers['content-type'] === 'application/json' && headers['content-encoding'] === undefined) return;
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
  if (isUtf8(body)) return body.toString();
  throw new JobQueueError('INVALID_JSON', 'The body is not JSON: it is not UTF-8');
}

function assertShape(text: string): void {
  if (isHarmless(text)) return;
  const { depth, keys } = shapeOf(text);
  if (depth > MAX_DEPTH) {
    throw new JobQueueError('INVALID_JSON', `The body is nested too deep: expected at most ${MAX_DEPTH} levels`);
  }
  if (keys > MAX_KEYS) {
    throw new JobQueueError('INVALID_JSON', `An object in the body is too large: expected at most ${MAX_KEYS} keys`);
  }
}

/** What a key takes at least, with its value. */
const SHORTEST_KEY = '"":1,'.length;

/** Whether a text is too short to have too many keys, and has too few brackets to be too deep: most are, and soon seen to be. */
const isHarmless = (text: string): boolean =>
  text.length < MAX_KEYS * SHORTEST_KEY &&
  countUpTo(MAX_DEPTH + 1, text, '{') + countUpTo(MAX_DEPTH + 1, text, '[') <= MAX_DEPTH;

/** How often a text has `part`, as far as that matters. */
function countUpTo(most: number, text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at !== -1 && count < most; at = text.indexOf(part, at + 1)) count += 1;
  return count;
}

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];
const [LIST, END_OF_LIST, OBJECT, END_OF_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * The deepest nesting of a JSON text and the most keys of an object in it, found without recursion, since parsers and
 * checks that recurse come after it. Of a text that is not JSON they are estimates.
 */
export function shapeOf(text: string): { depth: number; keys: number } {
  let [depth, deepest, keys] = [0, 0, 0];
  // By level; a level below zero is only in what is not JSON.
  const keysAt: number[] = [0];
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case QUOTE:
        index = endOfString(text, index);
        break;
      case LIST:
      case OBJECT:
        deepest = Math.max(deepest, ++depth);
        if (depth > 0) keysAt[depth] = 0;
        break;
      case END_OF_LIST:
      case END_OF_OBJECT:
        depth--;
        break;
      case COLON:
        if (depth > 0) keys = Math.max(keys, ++keysAt[depth]!);
    }
  }
  return { depth: deepest, keys };
}

/** Where the string that begins at `start` ends; where the text does, when it does not. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === BACKSLASH && before - 1 > start) before--;
    // An even number of backslashes escapes each other, not the quote.
    if ((end - before) % 2 === 0) return end;
  }
  return text.length;
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
