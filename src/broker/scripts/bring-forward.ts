import { createScript } from '../script.ts';

/**
 * Brings waiting jobs to the newest end of their list, so that whatever takes them one by one finds them at once: `LREM`
 * walks over all that stand before each. They are looked for in a part of the list only, and taken out by one pass.
 *
 *   KEYS[1] wait  KEYS[2] paused: where BullMQ 5 keeps the waiting of a paused queue, behind the others
 *   ARGV[1] where the part begins, from the newest   ARGV[2] how long it is   ARGV[3…] job ids
 *   Returns how many were found.
 *   Cost: O(ARGV[1] + ARGV[2]) once: nothing behind that part is looked at
 */
export const BRING_FORWARD = createScript(
  `
local wanted = {}
for index = 3, #ARGV do wanted[ARGV[index]] = true end
local function bring_forward(list, first)
  local found = {}
  for index, id in ipairs(redis.call('LRANGE', list, first, first + tonumber(ARGV[2]) - 1)) do
    if wanted[id] then
      redis.call('LSET', list, first + index - 1, '')
      found[#found + 1] = id
    end
  end
  if #found == 0 then return 0 end
  -- From the end that is nearer.
  redis.call('LREM', list, first > redis.call('LLEN', list) / 2 and -#found or #found, '')
  for _, id in ipairs(found) do redis.call('LPUSH', list, id) end
  return #found
end
local first, waits = tonumber(ARGV[1]), redis.call('LLEN', KEYS[1])
return bring_forward(KEYS[1], first) + bring_forward(KEYS[2], math.max(0, first - waits))
`,
  2,
);
