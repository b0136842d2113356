import { TIES } from './ties.ts'

/**
 * Holding, letting go and giving up. A unit is held by its line in `active` and its end in `leases`; both are written
 * and removed together, and `running` follows: a script that lets go or begins ends with `settleRunning`. Uses the prelude.
 */
export const HOLD = `${TIES}
local endedCap = 1000

-- The line of a unit that is held with this epoch; nil when somebody else holds it now, or nobody.
local function heldWith(id, epoch)
  local line = redis.call('HGET', key('active'), id)
  if line and string.match(line, '^%d+') == epoch then return line end
  return nil
end

-- A label is a job class and its tags: each has its own count.
local function countLabel(where, label, by)
  local isName = true
  for word in string.gmatch(label, '%S+') do
    local left = redis.call('HINCRBY', key(where), isName and word or '#' .. word, by)
    if left <= 0 then redis.call('HDEL', key(where), isName and word or '#' .. word) end
    isName = false
  end
end

-- What ends and what begins in one script mostly cancels out: 'running' is written once, by 'settleRunning'.
local shifts = {}
local function shiftRunning(label, by) shifts[label] = (shifts[label] or 0) + by end
local function settleRunning()
  for label, by in pairs(shifts) do
    if by ~= 0 then countLabel('running', label, by) end
  end
  shifts = {}
end

local function letGo(id, line)
  redis.call('HDEL', key('active'), id)
  redis.call('ZREM', key('leases'), id)
  shiftRunning(string.match(line, '^%d+ %S+ %d+ (.*)$'), -1)
end

-- Where a run stands. A cursor that moved clears the crashes at the place before it.
local function save(id, cursor, done, total, runningMs, perSecond)
  local run = key('run:' .. id)
  if cursor ~= '' then redis.call('HSET', run, 'cursor', cursor, 'crashesHere', 0) end
  if done ~= '' then redis.call('HSET', run, 'done', done, 'tickedAtMs', now, 'runningMs', runningMs) end
  if total ~= '' then redis.call('HSET', run, 'total', total) end
  if perSecond ~= '' then redis.call('HSET', run, 'perSecond', perSecond) end
end

local function forget(id)
  redis.call('HDEL', key('jobs'), id)
  redis.call('UNLINK', key('run:' .. id))
  redis.call('ZREM', key('runs'), id)
  redis.call('ZREM', key('ended'), id)
end

-- A run that is over is kept to be looked at, up to a cap; at most 10 too many go at a time.
local function endRun(id, status)
  untie(id, status == 'succeeded')
  move(id, status)
  redis.call('HSET', key('run:' .. id), 'endedAtMs', now)
  redis.call('ZADD', key('ended'), now, id)
  redis.call('HDEL', key('jobs'), id)
  local tooMany = redis.call('ZCARD', key('ended')) - endedCap
  if tooMany > 0 then
    for _, old in ipairs(redis.call('ZRANGE', key('ended'), 0, math.min(tooMany, 10) - 1)) do forget(old) end
  end
end

local function isCancelling(id)
  return redis.call('HGET', key('run:' .. id), 'status') == 'cancelling'
end

-- Keeps what is given up: to be read, and to be tried again by an operator. The oldest beyond the caps are forgotten.
local function bury(id, reason, message, cap, maxAgeMs)
  untie(id, false)
  local run = key('run:' .. id)
  move(id, 'failed')
  redis.call('HSET', run, 'deadReason', reason, 'error', message, 'endedAtMs', now)
  redis.call('ZADD', key('dead'), now, id)
  count('died', 1)
  if reason == 'poisoned' then count('poisoned', 1) end
  local tooMany = redis.call('ZCARD', key('dead')) - cap
  local gone = tooMany > 0 and redis.call('ZRANGE', key('dead'), 0, math.min(tooMany, 10) - 1)
    or redis.call('ZRANGEBYSCORE', key('dead'), '-inf', now - maxAgeMs, 'LIMIT', 0, 10)
  for _, old in ipairs(gone) do
    redis.call('ZREM', key('dead'), old)
    forget(old)
  end
end

-- Units whose worker let the lease end come back at the front. Crashes count only while the cursor stands still.
local function recover(maxCrashes, deadCap, deadMaxAgeMs)
  local ids = redis.call('ZRANGEBYSCORE', key('leases'), '-inf', now, 'LIMIT', 0, 50)
  for _, id in ipairs(ids) do
    local line = redis.call('HGET', key('active'), id)
    if line then letGo(id, line) else redis.call('ZREM', key('leases'), id) end
    local run = key('run:' .. id)
    local here = redis.call('HINCRBY', run, 'crashesHere', 1)
    redis.call('HINCRBY', run, 'crashes', 1)
    count('crashed', 1)
    if isCancelling(id) then
      endRun(id, 'cancelled')
    elseif here >= maxCrashes then
      bury(id, 'poisoned', 'its worker vanished ' .. here .. ' times at this place', deadCap, deadMaxAgeMs)
    else
      move(id, 'interrupted')
      toPending('LPUSH', { id })
    end
  end
  return ids
end
`
