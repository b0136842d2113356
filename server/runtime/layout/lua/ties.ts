/**
 * What ties units together: priorities, unique and exclusive keys, batches and follow-ups. A unit that has any of these
 * has a state (`run:<id>`), where they stand. Uses the prelude.
 *
 * Fields: `priority` (`high`, `low`) · `unique`, `until` (`started`, `done`) · `exclusive` · `batch` · `chain`: what comes
 * after it, one after the other, JSON `[[id, text, '1' when it iterates], …]`. Only strings: they come back from `cjson` as
 * they were.
 */
export const TIES = `
local prioritized
local function hasPriorities()
  if prioritized == nil then prioritized = redis.call('EXISTS', key('prioritized')) == 1 end
  return prioritized
end

-- The line that a unit waits in.
local function pendingOf(id)
  local priority = hasPriorities() and redis.call('HGET', key('run:' .. id), 'priority')
  return priority and key('pending:' .. priority) or key('pending')
end

-- Puts ids, one after the other, at the end (RPUSH) or at the front (LPUSH) of their lines.
local function toPending(command, ids)
  if not hasPriorities() then
    redis.call(command, key('pending'), unpack(ids))
    return
  end
  for _, id in ipairs(ids) do redis.call(command, pendingOf(id), id) end
end

local function releaseUnique(id, name)
  local lock = key('unique:' .. name)
  if redis.call('GET', lock) == id then redis.call('DEL', lock) end
end

local function addNext(json)
  local isOurs, chain = pcall(cjson.decode, json)
  -- What somebody else wrote there must not stop the others' work.
  if not isOurs then count('refused', 1) return end
  local nextId, text, iterates = unpack(table.remove(chain, 1))
  if redis.call('HSETNX', key('jobs'), nextId, now .. '\\n' .. text) == 0 then return end
  local run = key('run:' .. nextId)
  if iterates == '1' then redis.call('HSET', run, 'status', 'queued', 'job', string.match(text, '^%S+')) end
  if #chain > 0 then redis.call('HSET', run, 'chain', cjson.encode(chain)) end
  redis.call('RPUSH', key('pending'), nextId)
  wake(1)
  count('enqueued', 1)
end

-- Each of a batch's callbacks is enqueued once.
local function callBack(batch, name)
  local json = redis.call('HGET', batch, name)
  if not json then return end
  redis.call('HDEL', batch, name)
  addNext(json)
end

-- A unit is over, well or not: called once for each time that it was brought to life.
local function untie(id, isWell)
  local unique, exclusive, batch, chain = unpack(redis.call('HMGET', key('run:' .. id), 'unique', 'exclusive', 'batch', 'chain'))
  if unique then releaseUnique(id, unique) end
  if exclusive then
    redis.call('HDEL', key('exclusive'), id)
    if redis.call('HGET', key('holders'), exclusive) == id then redis.call('HDEL', key('holders'), exclusive) end
  end
  if chain and isWell then addNext(chain) end
  local hash = batch and key('batch:' .. batch)
  if not hash or redis.call('EXISTS', hash) == 0 then return end
  local left = redis.call('HINCRBY', hash, 'left', -1)
  local dead = tonumber(redis.call('HGET', hash, 'dead'))
  if not isWell then
    dead = redis.call('HINCRBY', hash, 'dead', 1)
    callBack(hash, 'onDeath')
  end
  if left > 0 then return end
  callBack(hash, 'onComplete')
  if dead == 0 then
    callBack(hash, 'onSuccess')
    redis.call('EXPIRE', hash, 86400)
  end
end

-- An operator brings a dead unit back.
local function tieAgain(id)
  local unique, exclusive, batch = unpack(redis.call('HMGET', key('run:' .. id), 'unique', 'exclusive', 'batch'))
  if unique then redis.call('SET', key('unique:' .. unique), id, 'NX', 'EX', 86400) end
  if exclusive then redis.call('HSET', key('exclusive'), id, exclusive) end
  local hash = batch and key('batch:' .. batch)
  if hash and redis.call('EXISTS', hash) == 1 then
    redis.call('HINCRBY', hash, 'left', 1)
    redis.call('HINCRBY', hash, 'dead', -1)
  end
end
`
