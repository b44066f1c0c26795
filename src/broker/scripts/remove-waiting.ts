import { ENGINE_SOURCES } from '../engine-scripts.ts';
import { createScript } from '../script.ts';

// BullMQ's functions for removing one job, without the parts that decide which.
const functions = ENGINE_SOURCES.cleanJobsInSet.slice(
  0,
  ENGINE_SOURCES.cleanJobsInSet.indexOf('local function cleanList'),
);

/**
 * Deletes waiting jobs. They are looked for in a part of the list only, and taken out of it by one pass, so that many of
 * them cost no more than one: `LREM` walks over the whole list for each.
 *
 *   KEYS[1] wait  KEYS[2] events  KEYS[3] repeat  KEYS[4] paused: where BullMQ 5 keeps the waiting of a paused queue, behind the others
 *   ARGV[1] stem of the job keys, `bull:mail:`   ARGV[2] stem of the keys of \`once\`
 *   ARGV[3] where the part begins, from the newest   ARGV[4] how long it is   ARGV[5…] job ids
 *   Returns how many were deleted; those of a scheduler stay.
 *   Cost: O(ARGV[3] + ARGV[4]) once: nothing behind that part is looked at; about ten commands an id
 */
export const REMOVE_WAITING = createScript(
  `${functions}
local wanted = {}
for index = 5, #ARGV do wanted[ARGV[index]] = true end
local function remove_from(list, first)
  local removed = 0
  for index, id in ipairs(rcall('LRANGE', list, first, first + tonumber(ARGV[4]) - 1)) do
    local job = ARGV[1] .. id
    if wanted[id] and not isJobSchedulerJob(id, job, repeatKey) then
      rcall('LSET', list, first + index - 1, '')
      removeJob(id, false, ARGV[1], true)
      rcall('UNLINK', ARGV[2] .. id)
      rcall('XADD', KEYS[2], 'MAXLEN', '~', 10000, '*', 'event', 'removed', 'jobId', id, 'prev', 'wait')
      removed = removed + 1
    end
  end
  -- From the end that is nearer.
  if removed > 0 then rcall('LREM', list, first > rcall('LLEN', list) / 2 and -removed or removed, '') end
  return removed
end
local first, waits = tonumber(ARGV[3]), rcall('LLEN', KEYS[1])
return remove_from(KEYS[1], first) + remove_from(KEYS[4], math.max(0, first - waits))
`,
  4,
);
