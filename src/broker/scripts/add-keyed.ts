import { createScript, type Script } from '../script.ts';

/**
 * Stores a job whose id is made of an idempotency key, unless the key was used before. One script, so that nobody can die
 * between the claim and the job, and of two at the same time one is first. It may be sent twice, as after an answer that
 * got lost: the second time it changes nothing and answers the same.
 *
 *   KEYS, ARGV those of `add`, one of BullMQ's scripts that store a job; then
 *   KEYS[n-1] hash of the job   KEYS[n] what the key was used for
 *   ARGV[n-1] what it is used for, to which the id is added   ARGV[n] for how long that is remembered (ms)
 *   Returns what the key is used for now: the above, or what was there before; '' when the job is there and what its key was
 *   used for is forgotten, or was never written. Cost: that of `add`.
 */
export const addKeyed = (add: Script): Script =>
  createScript(
    `
local job, record, use, kept = KEYS[#KEYS - 1], KEYS[#KEYS], ARGV[#ARGV - 1], ARGV[#ARGV]
local held = redis.call('GET', record)
if held then return held end
if redis.call('EXISTS', job) == 1 then return '' end
local function add(KEYS, ARGV)
${add.source}
end
use = use .. add(KEYS, ARGV)
redis.call('SET', record, use, 'PX', kept)
return use
`,
    add.keyCount + 2,
  );
