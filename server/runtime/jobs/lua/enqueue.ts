import { PRELUDE } from '../../layout/lua/prelude.ts'
import { script } from '../script.ts'

/**
 * Adds jobs. One whose id is already there is left as it is.
 * ARGV: count, then per job: id, text (without its first line), delay in ms or '', due in Unix ms or '', '1' when it iterates.
 * Reply: per job 1 when it was added, 0 when its id was there.
 */
export const ENQUEUE = script(
  'enqueue',
  PRELUDE,
  `
local jobs, pending = key('jobs'), key('pending')
local wasIdle = redis.call('EXISTS', pending) == 0
local reply, ready, added = {}, {}, 0
local soonest = false
for n = 1, takeNumber() do
  local id, text, delay, due, iterates = take(), take(), take(), take(), take()
  local isNew = redis.call('HSETNX', jobs, id, now .. '\\n' .. text)
  reply[n] = isNew
  if isNew == 1 then
    added = added + 1
    if iterates == '1' then
      redis.call('HSET', key('run:' .. id), 'status', 'queued', 'job', string.match(text, '^%S+'))
    end
    local dueMs = delay ~= '' and now + tonumber(delay) or tonumber(due)
    if dueMs and dueMs > now then
      redis.call('ZADD', key('delayed'), dueMs, id)
      soonest = true
    else
      ready[#ready + 1] = id
    end
  end
end
if #ready > 0 then redis.call('RPUSH', pending, unpack(ready)) end
count('enqueued', added)
-- Only idle workers need a nudge, and they are idle only when nothing waits.
if (#ready > 0 and wasIdle) or soonest then redis.call('PUBLISH', key('nudge'), 'work') end
return reply
`,
)
