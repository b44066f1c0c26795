import type { Broker } from './broker.ts';
import { type Reply, unwrap } from './redis.ts';

/** Adds a line to the audit, of which the newest are kept. */
export async function appendAudit({ redis, keys }: Broker, line: string, kept: number): Promise<void> {
  const replies = await redis.pipeline([
    ['LPUSH', keys.audit, line],
    ['LTRIM', keys.audit, 0, kept - 1],
  ]);
  for (const reply of replies) unwrap<Reply>(reply);
}

/** The last lines, newest first. */
export async function readAudit({ redis, keys }: Broker, limit: number): Promise<string[]> {
  return (await redis.call('LRANGE', keys.audit, 0, limit - 1)) as string[];
}
