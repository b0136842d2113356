import { ENQUEUE } from '../../jobs/lua/enqueue.ts'
import { script } from '../../jobs/script.ts'
import { PRELUDE } from '../../layout/lua/prelude.ts'

/**
 * `staged`, beside the jobs of a queue: unit id → when it may be forgotten, Unix ms; `+inf` until the database has it as
 * sent. What stands there was added, even if it has run and gone since.
 */
const STAGED = `local staged = key('staged')`

/**
 * Adds what was never added: the very script of `enqueue`, asked only for units that do not stand in `staged`.
 * ARGV: not after (Unix ms, of this Redis), count, then per unit: id, number of its words for `ENQUEUE`, these words.
 * Reply: now in ms, then per unit 1 = added, 0 = a unit with this id was there, 2 = added before. Only now: it was too late,
 *        or none was given.
 */
export const MOVE = script(
  'move',
  // Its own prelude and its own arguments: both are local to it.
  `local function enqueue(ARGV)\n${ENQUEUE.lua}\nend`,
  PRELUDE,
  STAGED,
  `
local notAfter, units = takeNumber(), takeNumber()
local reply = { now }
if now > notAfter then return reply end
-- A key of another type stops it here, before anything is half done.
redis.call('LLEN', key('pending'))
redis.call('ZCARD', key('delayed'))
redis.call('HLEN', key('jobs'))
local words, ids, places = { '' }, {}, {}
for n = 1, units do
  local id, length = take(), takeNumber()
  if redis.call('ZSCORE', staged, id) then
    reply[n + 1] = 2
    at = at + length
  else
    ids[#ids + 1], places[#places + 1] = id, n + 1
    for _ = 1, length do words[#words + 1] = take() end
  end
end
if #ids == 0 then return reply end
words[1] = tostring(#ids)
for n, isNew in ipairs(enqueue(words)) do
  reply[places[n]] = isNew
  redis.call('ZADD', staged, '+inf', ids[n])
end
return reply
`,
)

/**
 * What the database has as sent need not be remembered for ever.
 * ARGV: how long it still is, ms (0 = not at all), count, ids.
 */
export const SETTLE = script(
  'settle',
  PRELUDE,
  STAGED,
  `
local keepMs = takeNumber()
for _ = 1, takeNumber() do
  if keepMs > 0 then redis.call('ZADD', staged, 'XX', now + keepMs, take()) else redis.call('ZREM', staged, take()) end
end
return redis.call('ZREMRANGEBYSCORE', staged, '-inf', now)
`,
)
