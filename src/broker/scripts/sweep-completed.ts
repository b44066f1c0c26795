import { ENGINE_SOURCES } from '../engine-scripts.ts';
import { createScript } from '../script.ts';

// BullMQ's functions for removing one job, without the parts that decide which.
const functions = ENGINE_SOURCES.cleanJobsInSet.slice(
  0,
  ENGINE_SOURCES.cleanJobsInSet.indexOf('local function cleanList'),
);

/** What the script answers when another worker has the lease. */
export const NOT_OURS = -1;

/**
 * Removes completed jobs that are older, or behind more newer ones, than they were to be kept: what BullMQ does when a
 * job finishes, in a queue where none does. Each job goes by its own \`removeOnComplete\`, else by the worker's.
 *
 *   KEYS[1] completed  KEYS[2] lease
 *   ARGV[1] stem of the job keys, \`bull:mail:\`   ARGV[2] stem of the keys of \`once\`   ARGV[3] now (ms)
 *   ARGV[4] how many of the oldest to pass over   ARGV[5] how many to look at   ARGV[6] age in s  ARGV[7] count, for those that say nothing
 *   ARGV[8] who asks   ARGV[9] how long the lease holds (ms)
 *   Returns { seen, removed }, or { ${NOT_OURS}, 0 } when somebody else has the lease.
 *   Cost: about ten commands a job that goes, one for each that stays
 */
export const SWEEP_COMPLETED = createScript(
  `${functions}
local holder = rcall('GET', KEYS[2])
if holder and holder ~= ARGV[8] then return { ${NOT_OURS}, 0 } end
rcall('SET', KEYS[2], ARGV[8], 'PX', ARGV[9])

local now, first = tonumber(ARGV[3]), tonumber(ARGV[4])
local default = { age = tonumber(ARGV[6]), count = tonumber(ARGV[7]) }
local function keep_of(job)
  local is_read, options = pcall(cjson.decode, rcall('HGET', job, 'opts') or '{}')
  local keep = is_read and type(options) == 'table' and options['removeOnComplete']
  if keep == nil or not is_read or type(options) ~= 'table' or keep == cjson.null then return default end
  if keep == true then return { count = 0 } end
  if type(keep) == 'number' then return { count = keep } end
  return type(keep) == 'table' and keep or {}
end

local total = rcall('ZCARD', KEYS[1])
local page = rcall('ZRANGE', KEYS[1], first, first + tonumber(ARGV[5]) - 1, 'WITHSCORES')
local removed = 0
for index = 1, #page, 2 do
  local id, ended = page[index], tonumber(page[index + 1])
  local newer = total - first - (index + 1) / 2
  local keep = keep_of(ARGV[1] .. id)
  local age, count = tonumber(keep['age']), tonumber(keep['count'])
  if (age and ended <= now - age * 1000) or (count and count >= 0 and newer >= count) then
    rcall('ZREM', KEYS[1], id)
    removeJob(id, false, ARGV[1], false)
    rcall('UNLINK', ARGV[2] .. id)
    removed = removed + 1
  end
end
return { #page / 2, removed }
`,
  2,
);
