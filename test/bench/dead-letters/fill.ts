import type { Redis } from 'ioredis';

/** What stands in one Redis before anything is measured. */
export interface Amounts {
  waiting: number;
  delayed: number;
  dead: number;
}

const STEP = 2000;
export const QUEUES: readonly string[] = Array.from({ length: 10 }, (_, index) => `q${index}`);

/**
 * Jobs exactly as plain BullMQ leaves them, without a field of ours, made inside Redis: adding a million by BullMQ itself
 * takes minutes. One in ten of the dead is a `report`, the others are `send-email`; each has a stack of 2 KB.
 */
const FILL = `
local queue, kind, from, amount, now = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local stem = 'bull:' .. queue .. ':'
local opts = '{"attempts":3,"backoff":{"type":"exponential","delay":1000}}'
local frame = '\\\\n    at Object.<anonymous> (/srv/app/node_modules/mailer/lib/connection/index.js:1234:56)'
redis.call('HSET', stem .. 'meta', 'version', 'bullmq:5.58.2', 'opts.maxLenEvents', '10000')
for index = from, from + amount - 1 do
  local id = 'job-' .. queue .. '-' .. index
  local name = index % 10 == 0 and 'report' or 'send-email'
  local data = '{"to":"user' .. index .. '@example.com","subject":"Your order ' .. index .. '","body":"' .. string.rep('lorem ipsum ', 20) .. '"}'
  redis.call('HSET', stem .. id, 'name', name, 'data', data, 'opts', opts, 'timestamp', now - 86400000, 'delay', 0, 'priority', 0)
  if kind == 'waiting' then
    redis.call('LPUSH', stem .. 'wait', id)
  elseif kind == 'delayed' then
    redis.call('HSET', stem .. id, 'delay', 3600000)
    redis.call('ZADD', stem .. 'delayed', (now + 3600000 + index) * 4096, id)
  else
    local message = ({
      'connect ECONNREFUSED 10.0.' .. index % 200 .. '.7:587',
      'Timeout after ' .. 30000 + index .. ' ms',
      '550 No such mailbox: user' .. index .. '@example.com',
      'Order ' .. index .. ' was not found',
    })[index % 4 + 1]
    local died = now - 3600000 + math.floor(index % 10000000 / 3)
    local stack = '"Error: ' .. message .. string.rep(frame, 24) .. '"'
    redis.call('HSET', stem .. id, 'failedReason', message, 'stacktrace', '[' .. stack .. ']', 'atm', 3, 'ats', 3,
      'processedOn', died - 900, 'finishedOn', died)
    redis.call('ZADD', stem .. 'failed', died, id)
  end
end
return redis.status_reply('OK')
`;

/** @param round other ids than in other rounds */
export async function fill(client: Redis, amounts: Amounts, round = 0, queues = QUEUES): Promise<void> {
  const sha = (await client.script('LOAD', FILL)) as string;
  const now = Date.now();
  const calls: Promise<unknown>[] = [];
  for (const [kind, amount] of Object.entries(amounts)) {
    for (const queue of queues) {
      const share = Math.ceil(amount / queues.length);
      for (let from = 0; from < share; from += STEP) {
        // Their numbers are apart, so that no kind overwrites another.
        const first = from + { waiting: 1e7, delayed: 2e7, dead: 3e7 + round * 1e7 }[kind as keyof Amounts];
        calls.push(client.evalsha(sha, 0, queue, kind, first, Math.min(STEP, share - from), now));
      }
    }
    await Promise.all(calls.splice(0));
  }
}
