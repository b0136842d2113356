import { RUN_FIELDS } from '../../layout/run-state.ts'

/**
 * Taking units from `pending` as far as the controls let them through. Uses the prelude, HOLD and GATE.
 *
 * A control on the whole queue makes the room smaller. One on a job class, run or tag takes the units that it holds back
 * out of the line, into `held:<scope>:<name>`, so that others get past them. Their order is kept: while such a control
 * lets some through they are taken from there first, and when it is gone all come back to the front before anything
 * else is taken.
 */
export const CLAIM = `
-- Bounds of one turn: units looked at, and units brought back.
local LOOK_MAX, BACK_MAX = 300, 5000
local isStrict = false

-- Of the units that a throttle concerns, by id: an iterating one begins with one item, and then asks.
local metered = {}

local function begin(worker, leaseMs, ids, texts)
  local n = #ids
  if n == 0 then return {} end
  local epoch = redis.call('INCRBY', key('epoch'), n) - n
  local lines, leases, labels, claimed = {}, {}, {}, {}
  local runs = {}
  for i, id in ipairs(ids) do runs[i] = key('run:' .. id) end
  local hasStates = redis.call('EXISTS', unpack(runs)) > 0
  for i, id in ipairs(ids) do
    local label, kind = string.match(texts[i], '^%d+\\n([^\\n]*)\\n(%l+)\\n')
    labels[label] = (labels[label] or 0) + 1
    lines[#lines + 1] = id
    lines[#lines + 1] = (epoch + i) .. ' ' .. worker .. ' ' .. now .. ' ' .. label
    leases[#leases + 1] = now + leaseMs
    leases[#leases + 1] = id
    local run = runs[i]
    local state = ''
    if kind == 'iterating' then
      if redis.call('HSETNX', run, 'startedAtMs', now) == 1 then redis.call('ZADD', key('runs'), now, id) end
      move(id, 'running')
    end
    if hasStates and redis.call('HGET', run, 'until') == 'started' then
      releaseUnique(id, redis.call('HGET', run, 'unique'))
      redis.call('HDEL', run, 'unique', 'until')
    end
    if hasStates and (kind == 'iterating' or redis.call('EXISTS', run) == 1) then state = redis.call('HMGET', run, ${fieldNames()}) end
    claimed[i] = { id, epoch + i, texts[i], state, metered[id] and 1 or 0 }
  end
  redis.call('HSET', key('active'), unpack(lines))
  redis.call('ZADD', key('leases'), unpack(leases))
  for label, by in pairs(labels) do
    shiftRunning(label, by)
    countLabel('starts', label, by)
  end
  redis.call('ZADD', key('starters'), now, worker)
  count('started', n)
  return claimed
end

-- The texts of these ids; one that was discarded meanwhile has none and is skipped.
local function withTexts(ids)
  local texts = redis.call('HMGET', key('jobs'), unpack(ids))
  local there, their = {}, {}
  for i, id in ipairs(ids) do
    if texts[i] then there[#there + 1] = id their[#their + 1] = texts[i] end
  end
  return there, their
end

local function targetOf(control) return control.scope .. ':' .. control.name end

-- Brings back what no control holds any more: the last first, so that the first is at the front when all are back.
local function bringBack(target, budget)
  local list = key('held:' .. target)
  local count = math.min(budget, redis.call('LLEN', list))
  local left = count
  while left > 0 do
    local ids = redis.call('RPOP', list, math.min(left, 1000))
    toPending('LPUSH', ids)
    left = left - #ids
  end
  if redis.call('EXISTS', list) == 1 then return count, false end
  redis.call('SREM', key('held'), target)
  return count, true
end

-- The first control that does not let this unit through; nil when all do, and then it is counted with each.
local function blockedBy(scoped, id, label)
  for _, control in ipairs(scoped) do
    if concerns(control, id, label) and leftOf(control) <= 0 then return control end
  end
  for _, control in ipairs(scoped) do
    if concerns(control, id, label) then
      spend(control, 1)
      if control.verb == 'throttle' then metered[id] = true end
    end
  end
  return nil
end

local function putAside(target, id)
  redis.call('RPUSH', key('held:' .. target), id)
  redis.call('SADD', key('held'), target)
end

-- Of units with the same exclusive key one is in hand at a time.
local hasExclusive = false
local taken = {}
local function isTaken(name)
  local holder = not taken[name] and redis.call('HGET', key('holders'), name)
  return taken[name] or holder and redis.call('HEXISTS', key('active'), holder) == 1
end

-- Takes from one list up to 'room' units that may start; those that may not are put aside.
local function pick(list, room, scoped, ids, texts)
  local looked = 0
  while #ids < room and looked < LOOK_MAX do
    local some = redis.call('LPOP', list, math.min(room - #ids, LOOK_MAX - looked))
    if not some then return looked end
    looked = looked + #some
    local there, their = withTexts(some)
    for i, id in ipairs(there) do
      local label, kind = string.match(their[i], '^%d+\\n([^\\n]*)\\n(%l+)\\n')
      local exclusive = hasExclusive and redis.call('HGET', key('exclusive'), id)
      local isLater = exclusive and isTaken(exclusive)
      local control = not isLater and blockedBy(scoped, id, label)
      if isLater then
        putAside('exclusive:' .. exclusive, id)
      elseif control then
        putAside(targetOf(control), id)
        if kind == 'iterating' then move(id, control.verb == 'pause' and 'paused' or 'throttled') end
      else
        if exclusive then
          taken[exclusive] = true
          redis.call('HSET', key('holders'), exclusive, id)
        end
        ids[#ids + 1] = id
        texts[#texts + 1] = their[i]
      end
    end
  end
  return looked
end

-- Held targets in the order of their names: every turn goes through them alike. Returns false when the turn ends here,
-- because not all could be brought back.
local function fromHeld(room, scoped, ids, texts)
  local targets = redis.call('SMEMBERS', key('held'))
  table.sort(targets)
  local budget = BACK_MAX
  local drawn = {}
  for _, target in ipairs(targets) do
    local exclusive = string.match(target, '^exclusive:(.*)$')
    local left = exclusive and (isTaken(exclusive) and 0 or 1) or nil
    for _, control in ipairs(scoped) do
      if targetOf(control) == target then left = math.min(left or leftOf(control), leftOf(control)) end
    end
    if left == nil then
      local back, isAll = bringBack(target, budget)
      budget = budget - back
      if not isAll then return false end
    elseif left > 0 and #ids < room then
      drawn[#drawn + 1] = target
    end
  end
  for _, target in ipairs(drawn) do
    local left = math.min(room - #ids, string.find(target, '^exclusive:') and 1 or room)
    for _, control in ipairs(scoped) do
      if targetOf(control) == target then left = math.min(left, leftOf(control)) end
    end
    if left > 0 then pick(key('held:' .. target), #ids + left, scoped, ids, texts) end
    if redis.call('EXISTS', key('held:' .. target)) == 0 then redis.call('SREM', key('held'), target) end
  end
  return true
end

-- The lines that wait, in the order of this turn: of 13 turns 8 begin with the high ones, 4 with the normal, 1 with the low.
local function linesInTurn()
  local high, normal, low = key('pending:high'), key('pending'), key('pending:low')
  if not hasPriorities() then return { normal } end
  local turn = isStrict and 0 or redis.call('INCR', key('turns')) % 13
  if turn < 8 then return { high, normal, low } end
  return turn < 12 and { normal, high, low } or { low, high, normal }
end

local function claimUnder(worker, room, leaseMs)
  settleRunning()
  hasExclusive = redis.call('EXISTS', key('exclusive')) == 1
  local controls, scoped, untilMs = controlsInForce(), {}, -1
  local function noLaterThan(ms)
    if untilMs < 0 or ms < untilMs then untilMs = ms end
  end
  for _, control in ipairs(controls) do
    noLaterThan(math.max(1, control.expires - now))
    if control.scope == 'queue' then room = math.min(room, leftOf(control)) else scoped[#scoped + 1] = control end
  end
  local ids, texts, again = {}, {}, '0'
  if room > 0 then
    if not fromHeld(room, scoped, ids, texts) then
      again = '1'
    elseif #ids < room then
      for _, line in ipairs(linesInTurn()) do
        if pick(line, room, scoped, ids, texts) >= LOOK_MAX and #ids < room then again = '1' end
      end
    end
  end
  for _, control in ipairs(controls) do
    if control.scope == 'queue' then
      spend(control, #ids)
      if control.verb == 'throttle' then for _, id in ipairs(ids) do metered[id] = true end end
    end
    -- Who finds no token left comes back a little later, each at another moment, the later the more they are.
    if control.everyUs and control.left <= 0 then
      local spread = (nowUs % 1000) / 1000 * math.min(980, 20 + 2 * redis.call('ZCARD', key('starters')))
      local nextUs = control.due + control.used * control.everyUs - LEAD_US - nowUs
      noLaterThan(math.ceil(math.max(nextUs / 1000, 10 + spread)))
    end
  end
  settle(controls)
  return begin(worker, leaseMs, ids, texts), untilMs, again
end

-- What is due goes behind what waits already. Returns ms until the next is due, nil when nothing is.
local function promote(from)
  local ids = redis.call('ZRANGEBYSCORE', key(from), '-inf', now, 'LIMIT', 0, 200)
  if #ids > 0 then
    redis.call('ZREM', key(from), unpack(ids))
    toPending('RPUSH', ids)
  end
  local first = redis.call('ZRANGE', key(from), 0, 0, 'WITHSCORES')
  return first[2] and math.max(1, tonumber(first[2]) - now)
end

-- Returns the claimed units, ms until there may be more (-1 = nothing is known to come), and '1' when this turn ended
-- before all was looked at.
local function claim(worker, room, leaseMs)
  local waitMs, again, claimed = -1, '0', nil
  -- Mostly there is none of these, and a claim takes what comes first.
  local isPlain = redis.call('EXISTS', key('controls'), key('held'), key('delayed'), key('retry'),
    key('prioritized'), key('exclusive')) == 0
  if not isPlain then
    for _, from in ipairs({ 'delayed', 'retry' }) do
      local ms = promote(from)
      if ms and (waitMs < 0 or ms < waitMs) then waitMs = ms end
    end
    if redis.call('EXISTS', key('controls'), key('held'), key('prioritized'), key('exclusive')) > 0 then
      local untilMs
      claimed, untilMs, again = claimUnder(worker, room, leaseMs)
      if untilMs >= 0 and (waitMs < 0 or untilMs < waitMs) then waitMs = untilMs end
      return claimed, waitMs, again
    end
  end
  local ids = redis.call('LPOP', key('pending'), room)
  if not ids then return {}, waitMs, '0' end
  local there, their = withTexts(ids)
  return begin(worker, leaseMs, there, their), waitMs, '0'
end
`

function fieldNames(): string {
  return RUN_FIELDS.map((name) => `'${name}'`).join(', ')
}
