import { HOLD } from '../../layout/lua/hold.ts'
import { PRELUDE } from '../../layout/lua/prelude.ts'
import { script } from '../script.ts'

/**
 * Renews all leases of one worker in one queue, and takes back those of the vanished.
 * ARGV: lease in ms, maxCrashes, dead cap, dead age in ms, count, then per unit: id, epoch.
 * Reply: now in ms, revision of the controls, number of units taken back, ids that this worker holds no more.
 */
export const BEAT = script(
  'beat',
  PRELUDE,
  HOLD,
  `
local leaseMs = takeNumber()
local maxCrashes, deadCap, deadMaxAgeMs = takeNumber(), takeNumber(), takeNumber()
local lost = {}
for _ = 1, takeNumber() do
  local id, epoch = take(), take()
  if heldWith(id, epoch) then
    redis.call('ZADD', key('leases'), now + leaseMs, id)
  else
    lost[#lost + 1] = id
  end
end
local back = #recover(maxCrashes, deadCap, deadMaxAgeMs)
settleRunning()
-- Who started something in the last ten minutes, and who did last.
redis.call('ZREMRANGEBYSCORE', key('idle'), '-inf', now - 600000)
local latest = redis.call('ZRANGE', key('starters'), -1, -1, 'WITHSCORES')[2]
if latest then
  redis.call('ZREMRANGEBYSCORE', key('starters'), '-inf', '(' .. math.min(now - 600000, tonumber(latest)))
end
wake(back)
return { now, tonumber(redis.call('GET', key('revision')) or 0), back, lost }
`,
)

/**
 * One worker's report, and the forgetting of those silent for a minute. Key: the fleet's base.
 * ARGV: worker, time to live in ms, count of texts, then field and value in turn; count 0 = it has left.
 */
export const REPORT = script(
  'report',
  PRELUDE,
  `
local id, ttlMs, fields = take(), takeNumber(), takeNumber()
local mine = key('worker:' .. id)
if fields == 0 then
  redis.call('UNLINK', mine)
  redis.call('ZREM', key('workers'), id)
  return now
end
redis.call('HSETNX', mine, 'startedAtMs', now)
redis.call('HSET', mine, 'beatAtMs', now, unpack(ARGV, at + 1, at + fields))
redis.call('PEXPIRE', mine, ttlMs)
redis.call('ZADD', key('workers'), now, id)
redis.call('ZREMRANGEBYSCORE', key('workers'), '-inf', now - ttlMs)
return now
`,
)

/** Passes a nudge on: the worker that heard it has no room. */
export const WAKE = script('wake', PRELUDE, 'wake(1) return now')
