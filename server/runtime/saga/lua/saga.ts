import { script } from '../../jobs/script.ts'
import { HOLD } from '../../layout/lua/hold.ts'
import { PRELUDE } from '../../layout/lua/prelude.ts'

/**
 * Sagas beside the jobs of their queue:
 *
 * | key | type | content |
 * |---|---|---|
 * | `saga:<id>` | hash | `name`, `revision`, `status`, `state` (JSON, `saga-state.ts`), `args` (JSON) and their `version`, `unit` (the job that may go on with it; empty = none), `write` (who wrote last), `result:<step>` (JSON), `startedAtMs`, `changedAtMs`, `endedAtMs` |
 * | `sagas:<name>:open` | zset | id → start, Unix ms, of those that are not over |
 * | `sagas:<name>:ended` | zset | id → end, Unix ms; kept up to a cap |
 *
 * All times are those of this Redis.
 */
const SAGA = `
local id, name = take(), take()
local saga = key('saga:' .. id)
local openSet, endedSet = key('sagas:' .. name .. ':open'), key('sagas:' .. name .. ':ended')
-- Whether the unit that may go on with it will run some time: it is there, and not among the dead.
local function isAlive(unit)
  return unit and unit ~= '' and redis.call('HEXISTS', key('jobs'), unit) == 1 and not redis.call('ZSCORE', key('dead'), unit)
end
local function read()
  return { now, isAlive(redis.call('HGET', saga, 'unit')) and 1 or 0, unpack(redis.call('HGETALL', saga)) }
end
`

/**
 * Reads a saga; made by the first unit of it. ARGV: id, name. Reply: now, 1 when its unit is alive, then fields and values.
 */
export const READ = script('saga-read', PRELUDE, SAGA, 'return read()')

/**
 * Makes it if it is not there yet, then reads it, for the unit that holds it.
 * ARGV: id, name, unit, epoch, state, args, their version, status. Reply as `READ`; only now when the unit is not held with this epoch.
 */
export const BEGIN = script(
  'saga-begin',
  PRELUDE,
  HOLD,
  SAGA,
  `
local unit, epoch, state, args, version, status = take(), take(), take(), take(), take(), take()
if not heldWith(unit, epoch) then return { now } end
if redis.call('HSETNX', saga, 'name', name) == 1 then
  redis.call('HSET', saga, 'revision', 1, 'status', status, 'state', state, 'args', args, 'version', version, 'unit', unit, 'write', '',
    'startedAtMs', now, 'changedAtMs', now)
  redis.call('ZADD', openSet, now, id)
end
return read()
`,
)

/**
 * Writes the next state if nobody has written since it was read.
 * ARGV: id, name, unit ('' = a person), epoch, revision it was read with, status, '1' when it is over, cap of the ended,
 *       count of texts, then field and value in turn.
 * Reply: now; `saved`, `changed` (read again), or `lost` (this unit may not write any more).
 */
export const WRITE = script(
  'saga-write',
  PRELUDE,
  HOLD,
  SAGA,
  `
local unit, epoch, revision, status, isOver, cap, texts = take(), take(), take(), take(), take(), takeNumber(), takeNumber()
if unit ~= '' and (not heldWith(unit, epoch) or redis.call('HGET', saga, 'unit') ~= unit) then
  count('refused', 1)
  return { now, 'lost' }
end
if redis.call('HGET', saga, 'revision') ~= revision then return { now, 'changed' } end
redis.call('HINCRBY', saga, 'revision', 1)
redis.call('HSET', saga, 'status', status, 'changedAtMs', now, unpack(ARGV, at + 1, at + texts))
if isOver ~= '1' then
  redis.call('HDEL', saga, 'endedAtMs')
  redis.call('ZREM', endedSet, id)
  redis.call('ZADD', openSet, 'NX', redis.call('HGET', saga, 'startedAtMs'), id)
  return { now, 'saved' }
end
redis.call('HSET', saga, 'endedAtMs', now)
redis.call('ZREM', openSet, id)
redis.call('ZADD', endedSet, now, id)
local tooMany = redis.call('ZCARD', endedSet) - cap
if tooMany > 0 then
  for _, old in ipairs(redis.call('ZRANGE', endedSet, 0, math.min(tooMany, 10) - 1)) do
    redis.call('ZREM', endedSet, old)
    redis.call('UNLINK', key('saga:' .. old))
  end
end
return { now, 'saved' }
`,
)

/**
 * The latest of those that are open, or that are over. ARGV: id (any), name, '1' for the ended, count.
 * Reply: now, then per saga: id, status, state, startedAtMs, changedAtMs, 1 when its unit is alive.
 */
export const LIST = script(
  'saga-list',
  PRELUDE,
  SAGA,
  `
local from = take() == '1' and endedSet or openSet
local reply = { now }
for _, one in ipairs(redis.call('ZRANGE', from, 0, takeNumber() - 1, 'REV')) do
  local fields = redis.call('HMGET', key('saga:' .. one), 'status', 'state', 'startedAtMs', 'changedAtMs', 'unit')
  if fields[1] then
    fields[5] = isAlive(fields[5]) and 1 or 0
    reply[#reply + 1] = { one, unpack(fields) }
  end
end
return reply
`,
)
