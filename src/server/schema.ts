import { duration, integer as integerKind } from '../lib/value-kind.ts';

/** A JSON schema: what a part of a request may be. It checks requests and describes them to others. */
export interface Schema {
  /** What an error says was expected: `an integer ≥ 1`. */
  readonly title?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** An object with these fields and no others. */
export const object = (
  title: string,
  properties: Record<string, Schema>,
  required: readonly string[] = [],
): Schema => ({
  title,
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

export const text = (title: string, maxLength: number): Schema => ({ title, type: 'string', minLength: 1, maxLength });

export const oneOf = (words: readonly string[]): Schema => ({
  title: `one of ${words.join(', ')}`,
  type: 'string',
  enum: words,
});

export const integer = (minimum: number, maximum?: number): Schema => ({
  title: integerKind({ min: minimum, ...(maximum === undefined ? {} : { max: maximum }) }).expected,
  type: 'integer',
  minimum,
  ...(maximum === undefined ? {} : { maximum }),
});

/** As text or, in a body, milliseconds as a number. */
export const durationText: Schema = { title: duration.expected, type: 'string', format: 'jq-duration' };
export const durationValue: Schema = { ...durationText, type: ['string', 'number'], minimum: 0 };

export const time: Schema = {
  title: 'a time such as 2026-01-31T09:00:00Z, or epoch milliseconds',
  type: ['string', 'integer'],
  format: 'date-time',
  minimum: 0,
};

export const queueName: Schema = {
  title: 'a queue name: letters, digits and ._-, at most 64, the first a letter or digit',
  type: 'string',
  format: 'jq-queue',
};
