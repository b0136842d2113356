import { GATE } from '../../layout/lua/gate.ts'
import { HOLD } from '../../layout/lua/hold.ts'
import { PRELUDE } from '../../layout/lua/prelude.ts'
import { script } from '../script.ts'
import { CLAIM } from './claim.ts'

/**
 * One turn of a worker at one queue: hands in what it finished and takes what it has room for, in one step.
 *
 * Units of vanished workers come back by the beats of the others (see `beat.ts`), not here.
 * Controls are read in this same step: no unit starts under a pause that lay in Redis before it.
 *
 * ARGV: worker, room, lease in ms, dead cap, dead age in ms, cap of ended runs, '1' when priorities are strict, '1' when
 *       its last turn found too little (it may stand in `idle`),
 *       count of clean completions, then per unit: id, epoch;
 *       count of others, then per unit: how, id, epoch, delay in ms, reason, message, cursor, done, total, running in ms
 *       (empty = leave as it is). How: `succeed`, `retry`, `bury`, `release` (front), `yield` (back), `hold` (front, paused),
 *       `wait` (front, throttled), `cancel`.
 * Reply: now in ms, ms until the next look may find something (-1 = nothing is known to come), '1' when a look at once is
 *        worth it, refused ids (the token was stale), and per claimed unit: id, epoch, job text, run state or '', 1 when a
 *        throttle concerns it.
 */
export const TURN = script(
  'turn',
  PRELUDE,
  HOLD,
  GATE,
  CLAIM,
  `
local worker, room, leaseMs = take(), takeNumber(), takeNumber()
local deadCap, deadMaxAgeMs = takeNumber(), takeNumber()
endedCap = takeNumber()
isStrict = take() == '1'
local wasIdle = take() == '1'
local refused = {}
local handedIn = 0

-- Completions of plain jobs that never had trouble, in batch: nothing else is known of them.
local function completeClean()
  local n = takeNumber()
  if n == 0 then return end
  local ids, epochs = {}, {}
  for i = 1, n do ids[i], epochs[i] = take(), take() end
  local lines = redis.call('HMGET', key('active'), unpack(ids))
  local done, labels = {}, {}
  for i, id in ipairs(ids) do
    local epoch, label = string.match(lines[i] or '', '^(%d+) %S+ %d+ (.*)$')
    if epoch == epochs[i] then
      done[#done + 1] = id
      labels[label] = (labels[label] or 0) + 1
    else
      refused[#refused + 1] = id
    end
  end
  if #done == 0 then return end
  redis.call('HDEL', key('active'), unpack(done))
  redis.call('ZREM', key('leases'), unpack(done))
  redis.call('HDEL', key('jobs'), unpack(done))
  for label, by in pairs(labels) do shiftRunning(label, -by) end
  count('succeeded', #done)
  handedIn = #done
end

local cameBack = false
local function comeBack(id, delayMs, toFront)
  cameBack = true
  if delayMs > 0 then redis.call('ZADD', key('delayed'), now + delayMs, id)
  else toPending(toFront and 'LPUSH' or 'RPUSH', { id }) end
end

local HOW = {
  succeed = function(id)
    count('succeeded', 1)
    if redis.call('HEXISTS', key('run:' .. id), 'status') == 1 then return endRun(id, 'succeeded') end
    untie(id, true)
    forget(id)
  end,
  cancel = function(id) endRun(id, 'cancelled') end,
  retry = function(id, delayMs, reason, message)
    count('failed', 1)
    redis.call('HINCRBY', key('run:' .. id), 'failures', 1)
    redis.call('HSET', key('run:' .. id), 'error', message)
    -- What was given up is not tried again.
    if isCancelling(id) then return bury(id, 'cancelled', message, deadCap, deadMaxAgeMs) end
    move(id, 'queued')
    redis.call('ZADD', key('retry'), now + delayMs, id)
  end,
  bury = function(id, delayMs, reason, message)
    count('failed', 1)
    redis.call('HINCRBY', key('run:' .. id), 'failures', 1)
    bury(id, reason, message, deadCap, deadMaxAgeMs)
  end,
}
local function interrupt(status, toFront)
  return function(id, delayMs)
    if isCancelling(id) then return endRun(id, 'cancelled') end
    count('interrupted', 1)
    redis.call('HINCRBY', key('run:' .. id), 'interruptions', 1)
    move(id, status)
    comeBack(id, delayMs, toFront)
  end
end
HOW.release = interrupt('interrupted', true)
HOW.yield = interrupt('interrupted', false)
HOW.hold = interrupt('paused', true)
HOW.wait = interrupt('throttled', true)

local function handIn()
  for _ = 1, takeNumber() do
    local how, id, epoch, delayMs, reason, message = take(), take(), take(), takeNumber(), take(), take()
    local cursor, done, total, runningMs = take(), take(), take(), take()
    local line = heldWith(id, epoch)
    if line then
      letGo(id, line)
      handedIn = handedIn + 1
      save(id, cursor, done, total, runningMs, '')
      HOW[how](id, delayMs, reason, message)
    else
      refused[#refused + 1] = id
    end
  end
end

completeClean()
handIn()
local claimed, waitMs, again = {}, -1, '0'
if room > 0 then claimed, waitMs, again = claim(worker, room, leaseMs) end
settleRunning()
-- Others may be idle: what came back, or the place that became free under a limit, is for them.
if #claimed == 0 and (cameBack or handedIn > 0 and redis.call('EXISTS', key('controls'), key('held')) > 0) then
  wake(math.max(1, handedIn))
end
if room > 0 and #claimed < room then
  redis.call('ZADD', key('idle'), now, worker)
elseif room > 0 then
  if wasIdle then redis.call('ZREM', key('idle'), worker) end
  if redis.call('EXISTS', key('idle')) == 1 and redis.call('EXISTS', key('pending'), key('pending:high'), key('pending:low')) > 0 then
    wake(1)
  end
end
return { now, waitMs, again, refused, claimed }
`,
)
