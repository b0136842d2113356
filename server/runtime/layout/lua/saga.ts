import { HOLD } from './hold.ts'
import { PRELUDE } from './prelude.ts'

/**
 * Sagas beside the jobs of their queue:
 *
 * | key | type | content |
 * |---|---|---|
 * | `saga:<id>` | hash | `name`, `revision`, `status`, `state` (JSON, `saga-state.ts`), `plan` (JSON, `saga-record.ts`), `step` at which it stands and `trouble` (that step's error), `args` (JSON) and their `version`, `unit` (the job that may go on with it; empty = none), `write` (who wrote last), `result:<step>` (JSON), `endedCap`, `startedAtMs`, `changedAtMs`, `endedAtMs` |
 * | `sagas` | set | names of sagas that were begun here |
 * | `sagas:<name>:open` | zset | id → start, Unix ms, of those that are not over |
 * | `sagas:<name>:ended` | zset | id → end, Unix ms; kept up to the cap |
 * | `sagas:stuck` | zset | id → since when it is stuck, Unix ms |
 *
 * `stats` has how many are open and stuck (`sagasOpen`, `sagasStuck`), and the run of a unit that works on a saga its id
 * (`saga`). All times are those of this Redis.
 */
const SAGA = `
local id, name = take(), take()
local saga = key('saga:' .. id)
local openSet, endedSet = key('sagas:' .. name .. ':open'), key('sagas:' .. name .. ':ended')
`

/** Whether the unit that may go on with a saga will run some time: it is there, and not among the dead. Needs `key`. */
export const SAGA_ALIVE = `
local function isAlive(unit)
  return unit and unit ~= '' and redis.call('HEXISTS', key('jobs'), unit) == 1 and not redis.call('ZSCORE', key('dead'), unit)
end
`

const READING = `
local function read()
  return { now, isAlive(redis.call('HGET', saga, 'unit')) and 1 or 0, unpack(redis.call('HGETALL', saga)) }
end
`

/** What a status that changed means to the queue's sets and figures. */
const TALLY = `
local function tally(status)
  redis.call('SADD', key('sagas'), name)
  if status == 'stuck' then redis.call('ZADD', key('sagas:stuck'), now, id) else redis.call('ZREM', key('sagas:stuck'), id) end
  local open = 0
  for _, one in ipairs(redis.call('SMEMBERS', key('sagas'))) do
    open = open + redis.call('ZCARD', key('sagas:' .. one .. ':open'))
  end
  redis.call('HSET', key('stats'), 'sagasOpen', open, 'sagasStuck', redis.call('ZCARD', key('sagas:stuck')))
end
`

/**
 * Reads a saga; made by the first unit of it. ARGV: id, name. Reply: now, 1 when its unit is alive, then fields and values.
 */
export const READ_SAGA = [PRELUDE, SAGA, SAGA_ALIVE, READING, 'return read()'].join('\n')

/**
 * Makes it if it is not there yet, then reads it, for the unit that holds it.
 * ARGV: id, name, unit, epoch, status, count of texts, then field and value in turn.
 * Reply as `READ_SAGA`; only now when the unit is not held with this epoch.
 */
export const BEGIN_SAGA = [
  ...[PRELUDE, HOLD, SAGA, SAGA_ALIVE, READING, TALLY],
  `
local unit, epoch, status, texts = take(), take(), take(), takeNumber()
if not heldWith(unit, epoch) then return { now } end
redis.call('HSET', key('run:' .. unit), 'saga', id)
if redis.call('HSETNX', saga, 'name', name) == 1 then
  redis.call('HSET', saga, 'revision', 1, 'status', status, 'unit', unit, 'write', '', 'startedAtMs', now, 'changedAtMs', now,
    unpack(ARGV, at + 1, at + texts))
  redis.call('ZADD', openSet, now, id)
  tally(status)
end
return read()
`,
].join('\n')

/**
 * Writes the next state if nobody has written since it was read, and enqueues who is to go on with it.
 * ARGV: id, name, unit ('' = a person), epoch, revision it was read with, status, '1' when it is over,
 *       id of a new unit ('' = none is needed) and its text up to the arguments: it is enqueued where no unit is at hand,
 *       count of texts, then field and value in turn.
 * Reply: now; `saved`, `changed` (read again), or `lost` (this unit may not write any more).
 */
export const WRITE_SAGA = [
  ...[PRELUDE, HOLD, SAGA, SAGA_ALIVE, TALLY],
  `
local unit, epoch, revision, status, isOver, spare, head, texts = take(), take(), take(), take(), take(), take(), take(), takeNumber()
if unit ~= '' and (not heldWith(unit, epoch) or redis.call('HGET', saga, 'unit') ~= unit) then
  count('refused', 1)
  return { now, 'lost' }
end
local before, was = unpack(redis.call('HMGET', saga, 'revision', 'status'))
if before ~= revision then return { now, 'changed' } end
redis.call('HINCRBY', saga, 'revision', 1)
redis.call('HSET', saga, 'status', status, 'changedAtMs', now, unpack(ARGV, at + 1, at + texts))
if spare ~= '' and not isAlive(redis.call('HGET', saga, 'unit')) then
  redis.call('HSET', saga, 'unit', spare)
  redis.call('HSET', key('jobs'), spare, now .. '\\n' .. head .. redis.call('HGET', saga, 'args'))
  redis.call('HSET', key('run:' .. spare), 'status', 'queued', 'job', name, 'saga', id)
  toPending('RPUSH', { spare })
  count('enqueued', 1)
  wake(1)
end
if isOver == '1' then
  redis.call('HSET', saga, 'endedAtMs', now)
  redis.call('ZREM', openSet, id)
  redis.call('ZADD', endedSet, now, id)
  local tooMany = redis.call('ZCARD', endedSet) - tonumber(redis.call('HGET', saga, 'endedCap') or 1000)
  if tooMany > 0 then
    for _, old in ipairs(redis.call('ZRANGE', endedSet, 0, math.min(tooMany, 10) - 1)) do
      redis.call('ZREM', endedSet, old)
      redis.call('UNLINK', key('saga:' .. old))
    end
  end
else
  redis.call('HDEL', saga, 'endedAtMs')
  redis.call('ZREM', endedSet, id)
  redis.call('ZADD', openSet, 'NX', redis.call('HGET', saga, 'startedAtMs'), id)
end
if status ~= was then tally(status) end
return { now, 'saved' }
`,
].join('\n')

/**
 * The latest of those that are open, or that are over. ARGV: id (any), name, '1' for the ended, count.
 * Reply: now, then per saga: id, status, state, plan or '', startedAtMs, changedAtMs, 1 when its unit is alive.
 */
export const LIST_SAGAS = [
  ...[PRELUDE, SAGA, SAGA_ALIVE],
  `
local from = take() == '1' and endedSet or openSet
local reply = { now }
for _, one in ipairs(redis.call('ZRANGE', from, 0, takeNumber() - 1, 'REV')) do
  local fields = redis.call('HMGET', key('saga:' .. one), 'status', 'state', 'plan', 'startedAtMs', 'changedAtMs', 'unit')
  if fields[1] then
    fields[3] = fields[3] or ''
    fields[6] = isAlive(fields[6]) and 1 or 0
    reply[#reply + 1] = { one, unpack(fields) }
  end
end
return reply
`,
].join('\n')
