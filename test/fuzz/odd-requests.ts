import fc from 'fast-check';
import type { DescribedSchema, Operation } from '../helpers/api-description.ts';

/** A request as it goes over the wire, more or less as the operation wants it. */
export interface OddRequest {
  /** The `operationId` of the operation that it is for. */
  operation: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** Words that mean something here or elsewhere: what a random text would take long to hit upon. */
const NASTY = Object.values({
  values: [
    '',
    ' ',
    '0',
    '-1',
    '1e9',
    'NaN',
    'null',
    'true',
    '9'.repeat(40),
    '[[[[',
    '{"a":1}',
    '2h',
    '1ms',
    '5m',
    '100/s',
  ],
  names: ['__proto__', 'constructor', 'toString', 'prototype', 'default', 'mail', 'j_', 'x'.repeat(300)],
  keys: ['wait', 'active', 'meta', 'events', 'id', 'marker', '*', '?', 'a:b', 'a:b:c:d', '0:1'],
  places: ['..', '../x', '/etc/passwd', 'file:///etc/passwd', '%', '%00'],
  characters: ['\0', '\u001B]52;c;eA==\u0007', '\u202E', '\uD800', '\uFFFF', 'é', '😀'],
  code: ["' or 1=1", '{{7*7}}', '<img onerror=x>', '$(id)', '; redis.call("FLUSHALL")'],
}).flat();
const NUMBERS = [0, -0, -1, 1, 0.5, 1e21, -1e21, 2 ** 31, 2 ** 53, Number.MAX_VALUE, Number.MIN_VALUE, 8.64e15 + 1];

const nastyText = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 30 }));
const anyJson = fc.oneof(
  fc.constantFrom(null, true, false, [], {}, ...NUMBERS, ...NASTY),
  fc.jsonValue({ maxDepth: 4 }),
  fc.integer({ min: 20, max: 60 }).map((depth) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown),
);

/** What the formats of the description let through; times are short, since a wait is waited for. */
const FORMATS: Record<string, fc.Arbitrary<string>> = {
  'jq-duration': fc.constantFrom('0ms', '5ms', '20ms', '0.01s', '30'),
  'jq-queue': fc.constantFrom('default', 'mail', 'still', 'nowhere'),
  'jq-rate': fc.constantFrom('100/s', '6000/m'),
  'jq-time-ago': fc.constantFrom('2h', '7d', '2030-01-31', '2030-01-31T09:00:00Z'),
  'date-time': fc.constantFrom('2040-01-31T09:00:00Z', '1999-01-01T00:00:00+01:00'),
};

/** Values that the schema lets through, or nearly. `words` are texts that mean something to this server, such as ids. */
function valueOf(schema: DescribedSchema, words: readonly string[]): fc.Arbitrary<unknown> {
  const types = [schema.type ?? 'any'].flat();
  return fc.oneof(...types.map((type) => valueOfType(type, schema, words)));
}

/** Fields that name a handler. */
const TYPE_FIELDS = new Set(['type', 'jobType']);
const TYPES = ['anything', 'greet'];

function valueOfType(type: string, schema: DescribedSchema, words: readonly string[]): fc.Arbitrary<unknown> {
  const { enum: choices, format, properties = {}, required = [], items = {}, minimum = 0, maximum = 10 ** 6 } = schema;
  switch (type) {
    case 'string':
      if (choices) return fc.constantFrom(...choices);
      return (format === undefined ? undefined : FORMATS[format]) ?? fc.constantFrom(...words);
    case 'integer':
      return fc.integer({ min: minimum, max: maximum });
    case 'number':
      return fc.oneof(fc.integer({ min: minimum, max: Math.min(maximum, 50) }), fc.constant(minimum));
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(valueOf(items, words), { minLength: schema.minItems ?? 0, maxLength: 5 });
    case 'object': {
      const fields = Object.entries(properties).map(
        ([name, each]) => [name, valueOf(each, TYPE_FIELDS.has(name) ? TYPES : words)] as const,
      );
      return fc.record(Object.fromEntries(fields), { requiredKeys: required as never[] });
    }
    default:
      return fc.oneof(fc.constant({ name: 'Ada' }), fc.jsonValue({ maxDepth: 2 }));
  }
}

/** The same with something wrong in one place: another value, a field more, a field less. */
const damaged = (value: unknown): fc.Arbitrary<unknown> => {
  if (value === null || typeof value !== 'object') return anyJson;
  const names = Object.keys(value);
  const withField = (name: string, each: unknown): unknown =>
    Array.isArray(value)
      ? value.map((old: unknown, index) => (String(index) === name ? each : old))
      : { ...value, [name]: each };
  const options = [anyJson, fc.tuple(nastyText, anyJson).map(([name, each]) => withField(name, each))];
  if (names.length > 0) {
    const name = fc.constantFrom(...names);
    options.push(
      name.chain((each) => damaged((value as Record<string, unknown>)[each]).map((next) => withField(each, next))),
      name.map((each) => Object.fromEntries(Object.entries(value).filter(([other]) => other !== each))),
    );
  }
  return fc.oneof(...options);
};

const sometimes = <T, U>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<U>, weight = 3): fc.Arbitrary<T | U> =>
  fc.oneof({ arbitrary: usual, weight }, { arbitrary: odd, weight: 1 });

const bodyOf = (schema: DescribedSchema, words: readonly string[]): fc.Arbitrary<string> => {
  const good = valueOf(schema, words);
  const text = sometimes(good, good.chain(damaged), 1).map((value) => JSON.stringify(value) ?? '');
  const broken = fc.oneof(
    nastyText,
    text.chain((whole) => fc.nat(whole.length).map((end) => whole.slice(0, end))),
    fc.constantFrom(
      '{"type":"anything","payload":{"__proto__":{"x":1}}}',
      '['.repeat(100_000),
      `"${'x'.repeat(400_000)}"`,
    ),
  );
  return sometimes(text, broken, 8);
};

const CONTENT_TYPES = [
  'text/plain',
  'application/json; charset=latin1',
  'application/json;',
  'APPLICATION/JSON',
  'a/b',
  '',
];
const HEADER_TEXT = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_.~ ;=,"\t'), maxLength: 300 });
const ODD_HEADERS = fc.dictionary(
  fc.constantFrom('idempotency-key', 'last-event-id', 'x-request-id', 'accept', 'content-encoding', 'expect', 'range'),
  HEADER_TEXT,
  { maxKeys: 2 },
);

/** Requests for all operations. `known` are ids of jobs that are there. */
export function oddRequest(operations: readonly Operation[], known: readonly string[]): fc.Arbitrary<OddRequest> {
  return fc.constantFrom(...operations).chain((operation) => {
    const { parameters = [], requestBody } = operation;
    const schemas = (place: string): Record<string, fc.Arbitrary<string>> =>
      Object.fromEntries(
        parameters
          .filter((each) => each.in === place)
          .map(({ name, schema }) => [name, sometimes(valueOf(schema, known), nastyText).map(String)]),
      );
    const body = requestBody && bodyOf(requestBody.content['application/json']!.schema, known);
    return fc
      .record({
        params: fc.record(schemas('path')),
        query: fc.record(schemas('query'), { requiredKeys: [] }),
        more: sometimes(fc.constant(''), fc.tuple(nastyText, nastyText).map(pair), 8),
        headers: sometimes(fc.constant({}), ODD_HEADERS),
        contentType: sometimes(fc.constant('application/json'), fc.constantFrom(...CONTENT_TYPES), 12),
        body: body
          ? sometimes(body, fc.constant(undefined), 12)
          : sometimes(fc.constant(undefined), anyJson.map(text), 6),
        method: sometimes(
          fc.constant(operation.method),
          fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'),
          20,
        ),
      })
      .map(({ params, query, more, headers, contentType, body, method }) => ({
        operation: operation.operationId,
        method,
        path: pathOf(operation.path, params as Record<string, string>, query as Record<string, string>, more),
        headers: { ...headers, ...(body === undefined ? {} : { 'content-type': contentType }) } as Record<
          string,
          string
        >,
        body,
      }));
  });
}

const text = (value: unknown): string => JSON.stringify(value) ?? '';

/** Texts may hold half characters, which are none in UTF-8. */
const encode = (each: string): string => encodeURIComponent(each.toWellFormed());
const pair = ([name, value]: [string, string]): string => `${encode(name)}=${encode(value)}`;

function pathOf(path: string, params: Record<string, string>, query: Record<string, string>, more: string): string {
  const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => encode(params[name]!).replaceAll('.', '%2E'));
  const search = [...Object.entries(query).map(pair), ...(more === '' ? [] : [more])].join('&');
  return search === '' ? filled : `${filled}?${search}`;
}
