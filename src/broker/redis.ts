import type { Replicated } from './replication.ts';

/** What the rest of the broker needs of a connection. Replies are those of RESP2: texts, numbers, null, nested lists. */
export interface Redis {
  /** @throws JobQueueError REDIS_UNREACHABLE, REDIS_REFUSED; ReplyError for what Redis says no to */
  call(command: string, ...args: Argument[]): Promise<Reply>;
  /** The replies in order, in one round trip; an error reply stands in its place. */
  pipeline(commands: readonly (readonly Argument[])[]): Promise<(Reply | ReplyError)[]>;
  /** For what is written through this by and by; see {@link Replicated}. */
  readonly replicated: Replicated;
  /** Each server that has keys of its own, alone: one, but for a Cluster. */
  masters(): readonly Pick<Redis, 'call' | 'pipeline'>[];
  /** It comes back after a break, and is used for long. */
  readonly isLasting: boolean;
  /** Whether calls have waited in vain for their answer. */
  readonly isLate: boolean;
  close(): Promise<void>;
}

export type Argument = string | number | Buffer;
export type Reply = string | number | null | Reply[];

/** What Redis answered with an error, e.g. `NOSCRIPT No matching script`. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';

  /** The first word: `NOSCRIPT`, `WRONGTYPE`, `OOM`, … */
  get kind(): string {
    return this.message.split(' ', 1)[0]!;
  }
}

/** The reply of one command in a pipeline. @throws ReplyError when it is one */
export function unwrap<T extends Reply>(reply: Reply | ReplyError | undefined): T {
  if (reply instanceof ReplyError) throw reply;
  return reply as T;
}

/** `[field, value, field, value, …]`, as HGETALL answers in RESP2, as an object without a prototype. */
export function toObject(reply: Reply): Record<string, string> {
  const flat = (reply ?? []) as string[];
  const object = Object.create(null) as Record<string, string>;
  for (let index = 0; index < flat.length; index += 2) object[flat[index]!] = flat[index + 1]!;
  return object;
}
