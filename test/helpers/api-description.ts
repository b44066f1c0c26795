import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** A JSON schema of the description. */
export interface DescribedSchema {
  type?: string | string[];
  properties?: Record<string, DescribedSchema>;
  required?: string[];
  items?: DescribedSchema;
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}

export interface Operation {
  method: string;
  path: string;
  operationId: string;
  summary: string;
  tags: string[];
  security: object[];
  parameters?: { in: 'path' | 'query' | 'header'; name: string; required: boolean; schema: DescribedSchema }[];
  requestBody?: { content: Record<string, { schema: DescribedSchema; example: unknown }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: object; example?: unknown }> }>;
}

export interface ReceivedAnswer {
  status: number;
  contentType: string | undefined;
  text: string;
}

/** What `/openapi.json` says, and what of an answer it does not. */
export interface ApiDescription {
  operations: Operation[];
  /** What is wrong with an answer, as far as the description goes; fields that it does not name are wrong too. */
  faultOf(operation: Operation, answer: ReceivedAnswer): string | undefined;
  /** What is wrong with an example for a request. */
  faultOfExample(operation: Operation): string | undefined;
}

type Document = { paths: Record<string, Record<string, Operation>> };

export function readDescription(text: string): ApiDescription {
  const ajv = new Ajv2020({ strict: false, allErrors: false, formats: OUR_FORMATS });
  formats.default(ajv);
  const { paths } = JSON.parse(text) as Document;
  ajv.addSchema(JSON.parse(text, forbidOthers) as object, 'api');
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  );
  const check = (pointer: string[], value: unknown): string | undefined => {
    const { href } = new URL(`#/${pointer.map(escapePointer).join('/')}`, 'http://x');
    const validate = ajv.compile({ $ref: `api${href.slice(href.indexOf('#'))}` });
    return validate(value) ? undefined : ajv.errorsText(validate.errors);
  };
  return {
    operations,
    faultOf({ path, method, responses }, { status, contentType, text: body }) {
      const described = responses[status];
      if (!described) return `the status ${status} is not described: ${body}`;
      const type = contentType?.split(';')[0];
      if (!described.content) return body === '' ? undefined : `expected no body, got ${body}`;
      if (!type || !described.content[type]) return `the content type ${contentType} of ${status} is not described`;
      if (type !== 'application/json') return undefined;
      const place = ['paths', path, method.toLowerCase(), 'responses', `${status}`, 'content', type, 'schema'];
      const fault = check(place, JSON.parse(body));
      return fault && `${status}: ${fault}: ${body}`;
    },
    faultOfExample: ({ path, method, requestBody }) =>
      requestBody &&
      check(
        ['paths', path, method.toLowerCase(), 'requestBody', 'content', 'application/json', 'schema'],
        requestBody.content['application/json']!.example,
      ),
  };
}

const OUR_FORMATS = { 'jq-duration': true, 'jq-queue': true, 'jq-rate': true, 'jq-time-ago': true } as const;

const escapePointer = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');

/** Callers must live with more fields than the description names, but we must not have any. */
function forbidOthers(this: unknown, key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || key === 'properties' || Array.isArray(value)) return value;
  return 'properties' in value && 'type' in value ? { additionalProperties: false, ...value } : value;
}
