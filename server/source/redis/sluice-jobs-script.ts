import { script } from './scripts.ts'

/** Which of these queues hold a unit or a control. ARGV: unit, control, bases. Reply: their places in ARGV, from 1. */
export const SLUICE_FIND = script(`
local unit, control = ARGV[1], ARGV[2]
local found = {}
for at = 3, #ARGV do
  local base = ARGV[at]
  if redis.call('HEXISTS', base .. 'jobs', unit) == 1 or redis.call('EXISTS', base .. 'run:' .. unit) == 1
    or redis.call('HEXISTS', base .. 'controls', control) == 1 then
    found[#found + 1] = at - 2
  end
end
return found
`)

/** Lists are searched so far for the last unit of the page before: about 1 ms. */
const SEARCH_MAX = 100_000
/** Units in hand that are put in the order of their start. */
const ACTIVE_MAX = 2_000

const UNIT = `
local call = redis.call

-- id, score, line in active, label, version, enqueued at, arguments (cut), their bytes, and of its state: failures,
-- interruptions, crashes, error, why it is dead. Nil when its text is gone.
local function unit(base, id, score, line, cut)
  local text = call('HGET', base .. 'jobs', id)
  if not text then return nil end
  local enqueued, label, version, from = string.match(text, '^(%d+)\\n([^\\n]*)\\n%l+\\n(%d+)[^\\n]*\\n()')
  if not enqueued then return nil end
  local state = call('HMGET', base .. 'run:' .. id, 'failures', 'interruptions', 'crashes', 'error', 'deadReason')
  return { id, score, line, label, version, enqueued, string.sub(text, from, from + cut - 1), #text - from + 1,
    state[1] or '0', state[2] or '0', state[3] or '0', string.sub(state[4] or '', 1, 1000), state[5] or '' }
end
`

/**
 * One page of units in one state. ARGV: base, state, most, bytes of arguments shown, and where the page before ended:
 * place, id, target (all '' = from the start).
 * Reply: total, [place, id, target] of the last unit or [] when nothing follows, units.
 *
 * The place is a hint that makes it fast; what counts is the id: what was added or taken meanwhile moves no unit from a page
 * that is still to come to one that was seen. `active` is in the order of starts, `dead` the last first; of the
 * `pending` those of high priority first, the others as they come.
 */
export const SLUICE_PAGE = script(`${UNIT}
local base, state, most, cut = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local place, last, lastTarget = tonumber(ARGV[5]), ARGV[6], ARGV[7]

-- What is taken goes from the left: when the last one seen is gone, all before it are, and what is left was not seen.
local function startIn(list)
  if last == '' then return 0 end
  if call('LINDEX', list, place) == last then return place + 1 end
  local at = call('LPOS', list, last, 'MAXLEN', ${SEARCH_MAX})
  if at then return at + 1 end
  return place < ${SEARCH_MAX} and 0 or place + 1
end

local function fromList(list, room, target, units)
  local start = startIn(list)
  local ids = call('LRANGE', list, start, start + room - 1)
  for _, id in ipairs(ids) do units[#units + 1] = unit(base, id, '', '', cut) end
  local total = call('LLEN', list)
  if #ids > 0 and start + #ids < total then return #ids, { start + #ids - 1, ids[#ids], target } end
  return #ids, nil
end

-- Where the last page ended; a list that is gone meanwhile has had its turn.
local function beginIn(names)
  if last == '' then return 1 end
  for at, name in ipairs(names) do if name == lastTarget then return at end end
  for at, name in ipairs(names) do if name > lastTarget then return at end end
  return #names + 1
end

-- Several lists as one, in this order.
local function fromLists(names, prefix, units)
  local total, room, nextAt = 0, most, nil
  local first = beginIn(names)
  for at, target in ipairs(names) do
    local list = base .. prefix .. target
    total = total + call('LLEN', list)
    if at >= first and room > 0 then
      if target ~= lastTarget then last = '' end
      local taken
      taken, nextAt = fromList(list, room, target, units)
      room = room - taken
      if room == 0 and not nextAt and taken > 0 then nextAt = { call('LLEN', list), call('LINDEX', list, -1), target } end
    end
  end
  return total, nextAt
end

local function fromSet(set, units)
  local isNewestFirst = state == 'dead'
  local range, rank = 'ZRANGE', 'ZRANK'
  if isNewestFirst then range, rank = 'ZREVRANGE', 'ZREVRANK' end
  local start = 0
  if last ~= '' then
    local at = call('ZSCORE', set, last) == ARGV[5] and call(rank, set, last)
    if at then start = at + 1
    elseif isNewestFirst then start = call('ZCOUNT', set, '(' .. ARGV[5], '+inf')
    else start = call('ZCOUNT', set, '-inf', '(' .. ARGV[5]) end
  end
  local ids = call(range, set, start, start + most - 1, 'WITHSCORES')
  for at = 1, #ids, 2 do units[#units + 1] = unit(base, ids[at], ids[at + 1], '', cut) end
  local total = call('ZCARD', set)
  if #ids > 0 and start + #ids / 2 < total then return total, { ids[#ids], ids[#ids - 1], '' } end
  return total, nil
end

local function fromActive(units)
  local total = call('HLEN', base .. 'active')
  local ids = call('ZRANGE', base .. 'leases', 0, ${ACTIVE_MAX - 1})
  if #ids == 0 then return total, nil end
  local held = {}
  for at, line in ipairs(call('HMGET', base .. 'active', unpack(ids))) do
    local epoch = line and tonumber(string.match(line, '^%d+'))
    if epoch and epoch > (place or -1) then held[#held + 1] = { epoch, ids[at], line } end
  end
  table.sort(held, function(one, other) return one[1] < other[1] end)
  for at = 1, math.min(most, #held) do units[#units + 1] = unit(base, held[at][2], '', held[at][3], cut) end
  if #held > most then return total, { held[most][1], held[most][2], '' } end
  return total, nil
end

local units, total, nextAt = {}, 0, nil
if state == 'pending' then total, nextAt = fromLists({ ':high', '', ':low' }, 'pending', units)
elseif state == 'held' then
  local targets = call('SMEMBERS', base .. 'held')
  table.sort(targets)
  total, nextAt = fromLists(targets, 'held:', units)
elseif state == 'active' then total, nextAt = fromActive(units)
else total, nextAt = fromSet(base .. (state == 'retrying' and 'retry' or state), units) end
for n = 1, nextAt and 3 or 0 do nextAt[n] = tostring(nextAt[n]) end
return { total, nextAt or {}, units }
`)

/**
 * Failed units without their arguments. ARGV: base, `retry` or `dead`, from, to (places, the last added first).
 * Reply: per unit id, score, job class, error.
 */
export const SLUICE_FAILED = script(`
local base, set = ARGV[1], ARGV[2]
local reply = {}
local ids = redis.call('ZREVRANGE', base .. set, ARGV[3], ARGV[4], 'WITHSCORES')
for at = 1, #ids, 2 do
  local text = redis.call('HGET', base .. 'jobs', ids[at])
  local name = text and string.match(text, '^%d+\\n([^ \\n]*)')
  local error = redis.call('HGET', base .. 'run:' .. ids[at], 'error') or ''
  if name then reply[#reply + 1] = { ids[at], ids[at + 1], name, string.sub(error, 1, 1000) } end
end
return reply
`)
