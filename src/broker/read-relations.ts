import type { Json } from '../lib/json.ts';
import type { Broker } from './broker.ts';
import { type Reply, ReplyError } from './redis.ts';

/** A job, by where it is. */
export interface JobPlace {
  queue: string;
  id: string;
}

/** What BullMQ keeps of a job beside its life: the options that it was added with, and its place in a flow. */
export interface Relations {
  options: Json;
  parent: JobPlace | null;
  /** Those that are there by now, of each kind at most {@link MOST} or a few more. */
  children: (JobPlace & { became: 'pending' | 'completed' | 'failed' })[];
  childCount: number;
}

const MOST = 100;

/** Users of an older ACL may not ask for all of it: what they are refused counts as nothing. */
const orNothing = <T extends Reply>(reply: Reply | ReplyError | undefined, nothing: T): T =>
  reply instanceof ReplyError ? nothing : ((reply ?? nothing) as T);

/** Cost: O({@link MOST}), one round trip. */
export async function readRelations({ redis, keys }: Broker, queue: string, id: string): Promise<Relations> {
  const key = keys.job(queue, id);
  const [hash, ...sets] = await redis.pipeline([
    ['HMGET', key, 'opts', 'parentKey'],
    ['SSCAN', `${key}:dependencies`, 0, 'COUNT', MOST],
    ['HSCAN', `${key}:processed`, 0, 'COUNT', MOST],
    ['HSCAN', `${key}:failed`, 0, 'COUNT', MOST],
    ['ZRANGE', `${key}:unsuccessful`, 0, MOST - 1],
    ['SCARD', `${key}:dependencies`],
    ['HLEN', `${key}:processed`],
    ['HLEN', `${key}:failed`],
    ['ZCARD', `${key}:unsuccessful`],
  ]);
  const [opts, parentKey] = orNothing<(string | null)[]>(hash, []);
  const scanned = (index: number): string[] => orNothing<[string, string[]]>(sets[index], ['0', []])[1];
  const fields = (index: number): string[] => scanned(index).filter((_each, place) => place % 2 === 0);
  const placeOf = (text: string): JobPlace[] => {
    const [, name, job] = /^([^:]+):(.+)$/s.exec(text.slice(keys.prefix.length + 1)) ?? [];
    return text.startsWith(`${keys.prefix}:`) && name !== undefined && job !== undefined
      ? [{ queue: keys.queueOf(name), id: job }]
      : [];
  };
  const children = (
    [
      ['pending', scanned(0)],
      ['completed', fields(1)],
      ['failed', [...fields(2), ...orNothing<string[]>(sets[3], [])]],
    ] as const
  ).flatMap(([became, found]) => found.flatMap(placeOf).map((place) => ({ ...place, became })));
  return {
    options: decode(opts),
    parent: parentKey == null ? null : (placeOf(parentKey)[0] ?? null),
    children,
    childCount: [4, 5, 6, 7].reduce((sum, index) => sum + orNothing(sets[index], 0), 0),
  };
}

function decode(text: string | null | undefined): Json {
  try {
    return text == null ? null : (JSON.parse(text) as Json);
  } catch {
    return text!;
  }
}
