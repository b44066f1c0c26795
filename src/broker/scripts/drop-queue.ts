import { createScript } from '../script.ts';

/** How many of the keys hold jobs. */
const JOB_KEYS = 8;

/**
 * Takes away every trace of a queue, if there is no job in it.
 *
 *   KEYS[1…8] wait, paused, active (lists); prioritized, delayed, waiting-children, completed, failed (sorted sets)
 *   KEYS[9…] whatever else a queue has
 *   Returns 1 when it is gone, 0 when it had a job and so stays.
 *   Cost: O(1); what is large is freed in the background
 */
export const DROP_QUEUE = createScript(
  `
for index = 1, 3 do
  -- BullMQ 5 keeps markers such as \`0:123\` among the waiting.
  for _, id in ipairs(redis.call('LRANGE', KEYS[index], 0, 9)) do
    if string.sub(id, 1, 2) ~= '0:' then return 0 end
  end
end
for index = 4, ${JOB_KEYS} do
  if redis.call('ZCARD', KEYS[index]) > 0 then return 0 end
end
redis.call('UNLINK', unpack(KEYS))
return 1
`,
  21,
);
