import { SAGA_ALIVE } from '../../runtime/layout/lua/saga.ts'
import { script } from './scripts.ts'

const KEYS = `
local call = redis.call
local base = ARGV[1]
local function key(name) return base .. name end
${SAGA_ALIVE}
`

/**
 * Sagas of one queue, in short. ARGV: base, `open` or `ended`, most.
 * Reply: how many there are, then per saga [id, name, status, startedAtMs, changedAtMs, 1 when its unit is alive, step,
 * trouble]: of the open ones the stuck first, then the oldest first; of the ended the latest first, whatever their names.
 * Trouble is cut at 300 bytes.
 */
export const SLUICE_SAGAS = script(`${KEYS}
local which, most = ARGV[2], tonumber(ARGV[3])
local rows, seen, total = {}, {}, 0
local function add(id)
  if seen[id] or #rows >= most then return end
  seen[id] = true
  local told = call('HMGET', key('saga:' .. id), 'name', 'status', 'startedAtMs', 'changedAtMs', 'unit', 'step', 'trouble')
  if not told[1] then return end
  told[5] = isAlive(told[5]) and 1 or 0
  rows[#rows + 1] = { id, told[1], told[2], told[3], told[4], told[5], told[6] or '', string.sub(told[7] or '', 1, 300) }
end
if which == 'open' then
  for _, id in ipairs(call('ZRANGE', key('sagas:stuck'), 0, most - 1)) do add(id) end
end
local range, sign = which == 'open' and 'ZRANGE' or 'ZREVRANGE', which == 'open' and 1 or -1
local found = {}
for _, name in ipairs(call('SMEMBERS', key('sagas'))) do
  local set = key('sagas:' .. name .. ':' .. which)
  total = total + call('ZCARD', set)
  local scored = call(range, set, 0, most - 1, 'WITHSCORES')
  for at = 1, #scored, 2 do found[#found + 1] = { scored[at], sign * tonumber(scored[at + 1]) } end
end
table.sort(found, function(a, b) return a[2] < b[2] end)
for _, one in ipairs(found) do add(one[1]) end
return { total, unpack(rows) }
`)

/**
 * One saga, whole but for its payloads. ARGV: base, id, bytes of each payload shown.
 * Reply as `READ_SAGA` of the layout; nothing but two numbers when there is none.
 */
export const SLUICE_SAGA = script(`${KEYS}
local saga, cut = key('saga:' .. ARGV[2]), tonumber(ARGV[3])
local time = call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local told = call('HGETALL', saga)
for at = 1, #told, 2 do
  if told[at] == 'args' or string.sub(told[at], 1, 7) == 'result:' then told[at + 1] = string.sub(told[at + 1], 1, cut) end
end
return { now, isAlive(call('HGET', saga, 'unit')) and 1 or 0, unpack(told) }
`)
