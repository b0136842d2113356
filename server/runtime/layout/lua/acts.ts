import { HOLD } from './hold.ts'
import { PRELUDE } from './prelude.ts'

/** Units in one call of `ACT`. */
export const ACT_IDS_MAX = 1_000
/**
 * Entries of lists that one call may walk through: to take an id out of `pending` costs its place, twice. Measured: about
 * 20 ns each.
 */
const WALK_MAX = 500_000

/**
 * Does one thing with units of one queue, by id: what an operator asks for. Its first key is the queue's base.
 *
 * ARGV: act (`retry`, `discard`, `promote`, `cancel`, `force-cancel`), count (≤ `ACT_IDS_MAX`), ids.
 * Reply: per id what became of it: `done` (now, or it was so already) · `gone` (there is no such unit) · `cancelling`
 *        (its worker stops it after the current item) · `not-now <why>` · `later`: this call has done all that one may;
 *        send these ids again.
 *
 * - `retry`: a dead unit goes to the end of `pending` with all its attempts; a run goes on after its cursor.
 * - `discard`: takes a unit away that no worker has in hand.
 * - `promote`: a delayed or retrying unit goes to the end of `pending`.
 * - `cancel`: ends a run; what was done stays done.
 * - `force-cancel`: ends a run that is cancelling without waiting for its worker, which may not write about it any more.
 */
export const ACT = `${PRELUDE}${HOLD}
local walked = 0

-- Where a unit is: active, dead, delayed, retry, pending, held or nil. What is nowhere else, and has a text, waits.
local function placeOf(id)
  if redis.call('HEXISTS', key('active'), id) == 1 then return 'active' end
  for _, place in ipairs({ 'dead', 'delayed', 'retry' }) do
    if redis.call('ZSCORE', key(place), id) then return place end
  end
  if redis.call('HEXISTS', key('jobs'), id) == 1 then return 'waiting' end
  return nil
end

local function removeFromList(list, id)
  local place = redis.call('LPOS', list, id)
  walked = walked + (place and 2 * place or redis.call('LLEN', list))
  return place and redis.call('LREM', list, 1, id) == 1
end

local function takeOut(id, place)
  if place ~= 'waiting' then redis.call('ZREM', key(place), id) return end
  if removeFromList(pendingOf(id), id) then return end
  for _, target in ipairs(redis.call('SMEMBERS', key('held'))) do
    if removeFromList(key('held:' .. target), id) then return end
  end
end

local moved = 0
local function comeBack(id)
  toPending('RPUSH', { id })
  moved = moved + 1
  return 'done'
end

local ACTS = {
  retry = function(id, place)
    if place == 'dead' then
      local run = key('run:' .. id)
      redis.call('ZREM', key('dead'), id)
      redis.call('HDEL', run, 'deadReason', 'endedAtMs')
      redis.call('HSET', run, 'failures', 0, 'crashesHere', 0)
      move(id, 'queued')
      tieAgain(id)
      return comeBack(id)
    end
    if place == 'retry' then redis.call('ZREM', key('retry'), id) return comeBack(id) end
    if place == 'delayed' then return 'not-now it waits for its time; promote it' end
    return place and 'done' or 'gone'
  end,
  promote = function(id, place)
    if place == 'delayed' or place == 'retry' then redis.call('ZREM', key(place), id) return comeBack(id) end
    if place == 'dead' then return 'not-now it is dead; retry it' end
    return place and 'done' or 'gone'
  end,
  discard = function(id, place)
    if place == 'active' then return 'not-now a worker has it in hand' end
    if not place then return 'gone' end
    takeOut(id, place)
    if place ~= 'dead' then untie(id, false) end
    forget(id)
    return 'done'
  end,
  cancel = function(id, place)
    local status = redis.call('HGET', key('run:' .. id), 'status')
    if not status then return place and 'not-now it is no run; discard it' or 'gone' end
    if status == 'cancelled' then return 'done' end
    if status == 'succeeded' or status == 'failed' then return 'not-now it has ended' end
    if place == 'active' then
      move(id, 'cancelling')
      return 'cancelling'
    end
    if place then takeOut(id, place) end
    endRun(id, 'cancelled')
    return 'done'
  end,
  ['force-cancel'] = function(id, place)
    local status = redis.call('HGET', key('run:' .. id), 'status')
    if status == 'cancelled' then return 'done' end
    if status ~= 'cancelling' then return status and 'not-now it is ' .. status .. '; cancel it first' or 'gone' end
    local line = redis.call('HGET', key('active'), id)
    if line then letGo(id, line) end
    endRun(id, 'cancelled')
    return 'done'
  end,
}

local act = ACTS[take()]
local reply = {}
local isCancel = false
for n = 1, math.min(takeNumber(), ${ACT_IDS_MAX}) do
  local id = take()
  if walked > ${WALK_MAX} then reply[n] = 'later' else reply[n] = act(id, placeOf(id)) end
  isCancel = isCancel or reply[n] == 'cancelling'
end
settleRunning()
if isCancel then redis.call('PUBLISH', key('nudge'), 'control')
else wake(moved) end
return reply
`
