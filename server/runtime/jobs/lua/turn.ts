import { RUN_FIELDS } from '../../layout/run-state.ts'
import { script } from '../script.ts'
import { HOLD } from './hold.ts'
import { PRELUDE } from './prelude.ts'

/**
 * One turn of a worker at one queue: hands in what it finished and takes what it has room for, in one step.
 *
 * ARGV: worker, room, lease in ms, maxCrashes, dead cap, dead age in ms, cap of ended runs,
 *       count of clean completions, then per unit: id, epoch;
 *       count of others, then per unit: how, id, epoch, delay in ms, reason, message, cursor, done, total, running in ms
 *       (empty = leave as it is). How: `succeed`, `retry`, `bury`, `release` (front), `yield` (back), `hold` (front, paused),
 *       `wait` (front, throttled).
 * Reply: now in ms, ms until the next look may find something (-1 = nothing is known to come), '1' when a look at once is
 *        worth it, refused ids (the token was stale), and per claimed unit: id, epoch, job text, run state or ''.
 */
export const TURN = script(
  'turn',
  PRELUDE,
  HOLD,
  `
local worker, room, leaseMs = take(), takeNumber(), takeNumber()
local maxCrashes, deadCap, deadMaxAgeMs, endedCap = takeNumber(), takeNumber(), takeNumber(), takeNumber()
local refused = {}

-- Completions of plain jobs that never had trouble, in batch: nothing else is known of them.
local function completeClean()
  local n = takeNumber()
  if n == 0 then return end
  local ids, epochs = {}, {}
  for i = 1, n do ids[i], epochs[i] = take(), take() end
  local lines = redis.call('HMGET', key('active'), unpack(ids))
  local done, names = {}, {}
  for i, id in ipairs(ids) do
    local epoch, name = string.match(lines[i] or '', '^(%d+) %S+ %d+ (.*)$')
    if epoch == epochs[i] then
      done[#done + 1] = id
      names[name] = (names[name] or 0) + 1
    else
      refused[#refused + 1] = id
    end
  end
  if #done == 0 then return end
  redis.call('HDEL', key('active'), unpack(done))
  redis.call('ZREM', key('leases'), unpack(done))
  redis.call('HDEL', key('jobs'), unpack(done))
  for name, by in pairs(names) do
    if redis.call('HINCRBY', key('running'), name, -by) <= 0 then redis.call('HDEL', key('running'), name) end
  end
  count('succeeded', #done)
end

local function comeBack(id, delayMs, toFront)
  if delayMs > 0 then redis.call('ZADD', key('delayed'), now + delayMs, id)
  elseif toFront then redis.call('LPUSH', key('pending'), id)
  else redis.call('RPUSH', key('pending'), id) end
end

local HOW = {
  succeed = function(id)
    count('succeeded', 1)
    move(id, 'succeeded')
    if redis.call('HGET', key('run:' .. id), 'status') then
      redis.call('HSET', key('run:' .. id), 'endedAtMs', now)
      redis.call('ZADD', key('ended'), now, id)
      redis.call('HDEL', key('jobs'), id)
      trimEnded(endedCap)
    else
      forget(id)
    end
  end,
  retry = function(id, delayMs, reason, message)
    count('failed', 1)
    redis.call('HINCRBY', key('run:' .. id), 'failures', 1)
    redis.call('HSET', key('run:' .. id), 'error', message)
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
      save(id, cursor, done, total, runningMs, '')
      HOW[how](id, delayMs, reason, message)
    else
      refused[#refused + 1] = id
    end
  end
end

-- What is due goes behind what waits already.
local function promote(from)
  local ids = redis.call('ZRANGEBYSCORE', key(from), '-inf', now, 'LIMIT', 0, 200)
  if #ids == 0 then return end
  redis.call('ZREM', key(from), unpack(ids))
  redis.call('RPUSH', key('pending'), unpack(ids))
end

local function untilNext(from)
  local first = redis.call('ZRANGE', key(from), 0, 0, 'WITHSCORES')
  return first[2] and math.max(1, tonumber(first[2]) - now) or nil
end

local function begin(ids, texts)
  local n = #ids
  local epoch = redis.call('INCRBY', key('epoch'), n) - n
  local lines, leases, names, claimed = {}, {}, {}, {}
  for i, id in ipairs(ids) do
    local name, kind = string.match(texts[i], '^%d+\\n([^\\n]*)\\n(%l+)\\n')
    names[name] = (names[name] or 0) + 1
    lines[#lines + 1] = id
    lines[#lines + 1] = (epoch + i) .. ' ' .. worker .. ' ' .. now .. ' ' .. name
    leases[#leases + 1] = now + leaseMs
    leases[#leases + 1] = id
    local run = key('run:' .. id)
    local state = ''
    if kind == 'iterating' then
      if redis.call('HSETNX', run, 'startedAtMs', now) == 1 then redis.call('ZADD', key('runs'), now, id) end
      move(id, 'running')
    end
    if kind == 'iterating' or redis.call('EXISTS', run) == 1 then state = redis.call('HMGET', run, ${fieldNames()}) end
    claimed[i] = { id, epoch + i, texts[i], state }
  end
  redis.call('HSET', key('active'), unpack(lines))
  redis.call('ZADD', key('leases'), unpack(leases))
  for name, by in pairs(names) do redis.call('HINCRBY', key('running'), name, by) end
  count('started', n)
  return claimed
end

local function claim()
  local ids = redis.call('LPOP', key('pending'), room)
  if not ids then return {} end
  local texts = redis.call('HMGET', key('jobs'), unpack(ids))
  local there, their = {}, {}
  for i, id in ipairs(ids) do
    if texts[i] then there[#there + 1] = id their[#their + 1] = texts[i] end
  end
  if #there == 0 then return {} end
  return begin(there, their)
end

completeClean()
handIn()
local claimed = {}
if room > 0 then
  recover(maxCrashes, deadCap, deadMaxAgeMs)
  promote('delayed')
  promote('retry')
  claimed = claim()
end
local waitMs, again = -1, '0'
if room > 0 and #claimed < room then
  for _, from in ipairs({ 'delayed', 'retry' }) do
    local ms = untilNext(from)
    if ms and (waitMs < 0 or ms < waitMs) then waitMs = ms end
  end
end
return { now, waitMs, again, refused, claimed }
`,
)

function fieldNames(): string {
  return RUN_FIELDS.map((name) => `'${name}'`).join(', ')
}
