import { CONTROLS_MAX } from '../control-text.ts'
import { PRELUDE } from './prelude.ts'

/**
 * Places a control in one queue, or a newer revision of it. Its first key is the queue's base (`queueBase`).
 *
 * ARGV: the words of `encodeControl`, then either life in ms, '' and '' for a new one, or '', issuedAtMs and expiresAtMs
 *       for one that gets the times it has elsewhere.
 * Reply: what happened, issuedAtMs, expiresAtMs, revision of the control that lies there now, revision of the queue's
 *        controls, now in ms. What happened: `placed` · `there` (this revision lies there already) · `newer` (a newer one
 *        does) · `lifted` (it was lifted or has ended, and is not placed again) · `expired` · `full`. Only `placed` changes
 *        anything.
 */
export const PUT_CONTROL = `${PRELUDE}
local id, verb, x, y, scope, name, revision, people = take(), take(), take(), take(), take(), take(), takeNumber(), take()
local ttlMs, issued, expires = takeNumber(), takeNumber(), takeNumber()
local queueRevision = tonumber(redis.call('GET', key('revision')) or 0)
local old = redis.call('HGET', key('controls'), id)
local placedAt, startsBefore
if old then
  local was = { string.match(old, '^%l+ %S+ %S+ %l+ %S+ (%d+) (%d+) (%d+) (%d+) %d+ (%d+)\\n') }
  local isOver = not was[2] or tonumber(was[2]) <= now
  if not isOver and tonumber(was[3]) >= revision then
    local what = tonumber(was[3]) > revision and 'newer' or 'there'
    return { what, tonumber(was[1]), tonumber(was[2]), tonumber(was[3]), queueRevision, now }
  end
  -- A longer life of what lies there: it has been in place since its first revision.
  if not isOver then
    issued = issued or tonumber(was[1])
    placedAt, startsBefore = was[4], was[5]
  end
end
issued = issued or now
expires = expires or now + ttlMs
local function refuse(why) return { why, issued, expires, revision, queueRevision, now } end
if expires <= now then return refuse('expired') end
if redis.call('ZSCORE', key('lifted'), id) then return refuse('lifted') end
if not old and redis.call('HLEN', key('controls')) >= ${CONTROLS_MAX} then return refuse('full') end

if not startsBefore then
  if scope == 'queue' then startsBefore = redis.call('HGET', key('stats'), 'started')
  elseif scope ~= 'run' then startsBefore = redis.call('HGET', key('starts'), scope == 'tag' and '#' .. name or name) end
end
queueRevision = redis.call('INCR', key('revision'))
local words = { verb, x, y, scope, name, string.format('%.0f', issued), string.format('%.0f', expires), revision,
  placedAt or now, queueRevision, startsBefore or 0 }
redis.call('HSET', key('controls'), id, table.concat(words, ' ') .. '\\n' .. people)
redis.call('PUBLISH', key('nudge'), 'control')
return { 'placed', issued, expires, revision, queueRevision, now }
`

/**
 * Lifts one control from one queue, by its id only, whether it lies there or not: it will not be placed again.
 * ARGV: id. Reply: 1 when it lay there, else 0; revision of the queue's controls; now in ms.
 */
export const LIFT_CONTROL = `${PRELUDE}
local id = take()
local was = redis.call('HDEL', key('controls'), id)
redis.call('ZREMRANGEBYSCORE', key('lifted'), '-inf', now - 86400000)
redis.call('ZADD', key('lifted'), 'NX', now, id)
redis.call('UNLINK', key('bucket:' .. id))
local revision = tonumber(redis.call('GET', key('revision')) or 0)
if was == 1 then
  revision = redis.call('INCR', key('revision'))
  redis.call('PUBLISH', key('nudge'), 'control')
end
return { was, revision, now }
`
