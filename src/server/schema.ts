import type { Duration } from '../lib/duration.ts';
import type { Json } from '../lib/json.ts';
import { duration, integer as integerKind } from '../lib/value-kind.ts';

/**
 * A JSON schema: what a part of a request or of an answer may be. It checks requests and describes both to others.
 * `Value` is the type of what it lets through.
 */
export interface Schema<Value = unknown> {
  /** What an error says was expected: `an integer ≥ 1`. */
  readonly title?: string;
  /** For readers of the API description. */
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly minProperties?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly enum?: readonly (string | boolean)[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly anyOf?: readonly Schema[];
  readonly examples?: readonly unknown[];
  /** Its name among the schemas that all routes share, and how others refer to it. */
  readonly $id?: string;
  readonly $ref?: string;
  /** Only for its type. */
  readonly value?: Value;
}

export type ValueOf<Each> = Each extends Schema<infer Value> ? Value : never;

type Fields<Properties, Required extends keyof Properties> = {
  [Name in Required]: ValueOf<Properties[Name]>;
} & { [Name in Exclude<keyof Properties, Required>]?: ValueOf<Properties[Name]> };

/** An object with these fields and no others. */
export const object = <
  const Properties extends Record<string, Schema>,
  const Required extends keyof Properties & string = never,
>(
  title: string,
  properties: Properties,
  required: readonly Required[] = [],
): Schema<Fields<Properties, Required>> => ({
  title,
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

export const list = <Value>(
  title: string,
  items: Schema<Value>,
  { min, max }: { min?: number; max?: number } = {},
): Schema<Value[]> => ({
  title,
  type: 'array',
  items,
  ...(min === undefined ? {} : { minItems: min }),
  ...(max === undefined ? {} : { maxItems: max }),
});

export const text = (title: string, maxLength: number): Schema<string> => ({
  title,
  type: 'string',
  minLength: 1,
  maxLength,
});

export const oneOf = <const Word extends string>(words: readonly Word[]): Schema<Word> => ({
  title: `one of ${words.join(', ')}`,
  type: 'string',
  enum: words,
});

export const integer = (minimum: number, maximum?: number): Schema<number> => ({
  title: integerKind({ min: minimum, ...(maximum === undefined ? {} : { max: maximum }) }).expected,
  type: 'integer',
  minimum,
  ...(maximum === undefined ? {} : { maximum }),
});

/** With a line for readers of the API description. */
export const described = <Value>(schema: Schema<Value>, description: string): Schema<Value> => ({
  ...schema,
  description,
});

/** As text or, in a body, milliseconds as a number. */
export const durationText: Schema<Duration> = { title: duration.expected, type: 'string', format: 'jq-duration' };
export const durationValue: Schema<Duration> = { ...durationText, type: ['string', 'number'], minimum: 0 };

export const time: Schema<string | number> = {
  title: 'a time such as 2026-01-31T09:00:00Z, or epoch milliseconds',
  type: ['string', 'integer'],
  format: 'date-time',
  minimum: 0,
};

/** A point in time, or how long ago that was. */
export const timeAgo: Schema<string> = {
  title: "a time such as '2h', '2030-01-31' or '2030-01-31T09:00:00Z'",
  type: 'string',
  format: 'jq-time-ago',
};

export const queueName: Schema<string> = {
  title: 'a queue name: letters, digits and ._-, at most 64, the first a letter or digit',
  type: 'string',
  format: 'jq-queue',
};

export const json = (title: string): Schema<Json> => ({ title });
