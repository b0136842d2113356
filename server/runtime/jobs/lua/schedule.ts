import { PRELUDE } from '../../layout/lua/prelude.ts'
import { script } from '../script.ts'

/**
 * Places occurrences of a schedule as delayed units, each once, whoever asks. A schedule that has changed takes back what
 * the one before had placed and is not yet due.
 * ARGV: name, fingerprint, text (without its first line), '1' when it iterates, count, dues (Unix ms, ascending).
 * Reply: the last due that is placed.
 */
export const SCHEDULE = script(
  'schedule',
  PRELUDE,
  `
local name, fingerprint, text, iterates = take(), take(), take(), take()
local function idOf(due) return 'cron:' .. name .. ':' .. string.format('%.0f', due) end
local placed = redis.call('HGET', key('schedules'), name) or ''
local isSame = string.match(placed, '^%S+') == fingerprint
local last, open = 0, {}
for word in string.gmatch(placed, ' (%d+)') do
  local due = tonumber(word)
  if due > now and not isSame then
    if redis.call('ZREM', key('delayed'), idOf(due)) == 1 then
      redis.call('HDEL', key('jobs'), idOf(due))
      redis.call('UNLINK', key('run:' .. idOf(due)))
    end
  else
    last = math.max(last, due)
    if due > now then open[#open + 1] = word end
  end
end
local added = 0
for _ = 1, takeNumber() do
  local due = takeNumber()
  if due > last then
    local id = idOf(due)
    if redis.call('HSETNX', key('jobs'), id, now .. '\\n' .. text) == 1 then
      if iterates == '1' then redis.call('HSET', key('run:' .. id), 'status', 'queued', 'job', string.match(text, '^%S+')) end
      redis.call('ZADD', key('delayed'), due, id)
      added = added + 1
    end
    last = due
    open[#open + 1] = string.format('%.0f', due)
  end
end
-- The last one is remembered also when it is over: it does not fire again.
if #open == 0 then open[1] = string.format('%.0f', last) end
redis.call('HSET', key('schedules'), name, fingerprint .. ' ' .. table.concat(open, ' '))
count('enqueued', added)
wake(3 * added)
return last
`,
)
