import { PRELUDE } from '../../layout/lua/prelude.ts'
import { TIES } from '../../layout/lua/ties.ts'
import { script } from '../script.ts'

/**
 * Adds jobs. One whose id is already there is left as it is, and so is one whose unique key is taken; with `replace` the
 * one that has the key takes the new text while it waits.
 * ARGV: count, then per job: id, text (without its first line), delay in ms or '', due in Unix ms or '', and more: '' = a
 *       plain job, '1' = it iterates, else JSON (see `Ties` in `producer.ts`).
 * Reply: per job 1 when it was added, 0 when its id was there, or the id of the one that has its unique key.
 */
export const ENQUEUE = script(
  'enqueue',
  PRELUDE,
  `
local jobs, pending = key('jobs'), key('pending')
local wasIdle = redis.call('EXISTS', pending) == 0
local reply, ready, added = {}, {}, 0
local elsewhere = 0

-- The id of another unit that has this key and is alive; nil when it is free, and then it is taken.
local function otherWith(unique, id, text)
  local lock = key('unique:' .. unique.key)
  local holder = redis.call('GET', lock)
  if not holder or holder == id or redis.call('HEXISTS', jobs, holder) == 0 then
    redis.call('SET', lock, id, 'PX', unique.ttlMs)
    return nil
  end
  if unique.onConflict == 'replace' and redis.call('HEXISTS', key('active'), holder) == 0 then
    local first = string.match(redis.call('HGET', jobs, holder), '^%d+')
    redis.call('HSET', jobs, holder, first .. '\\n' .. text)
  end
  return holder
end

local function tie(id, more)
  local run = key('run:' .. id)
  if more.unique then redis.call('HSET', run, 'unique', more.unique.key, 'until', more.unique['until']) end
  if more.priority then
    redis.call('HSET', run, 'priority', more.priority)
    redis.call('SET', key('prioritized'), 1)
  end
  if more.exclusive then
    redis.call('HSET', run, 'exclusive', more.exclusive)
    redis.call('HSET', key('exclusive'), id, more.exclusive)
  end
  if more.batch then redis.call('HSET', run, 'batch', more.batch) end
  if more.chain then redis.call('HSET', run, 'chain', more.chain) end
end

for n = 1, takeNumber() do
  local id, text, delay, due, extra = take(), take(), take(), take(), take()
  local more = #extra > 1 and cjson.decode(extra) or {}
  local isThere = more.unique and redis.call('HEXISTS', jobs, id) == 1
  local other = not isThere and more.unique and otherWith(more.unique, id, text)
  local isNew = other and other or redis.call('HSETNX', jobs, id, now .. '\\n' .. text)
  reply[n] = isNew
  if isNew == 1 then
    added = added + 1
    if extra == '1' or more.iterates then
      redis.call('HSET', key('run:' .. id), 'status', 'queued', 'job', string.match(text, '^%S+'))
    end
    if #extra > 1 then tie(id, more) end
    local dueMs = delay ~= '' and now + tonumber(delay) or tonumber(due)
    if dueMs and dueMs > now then
      redis.call('ZADD', key('delayed'), dueMs, id)
      elsewhere = elsewhere + 1
    elseif more.priority then
      redis.call('RPUSH', key('pending:' .. more.priority), id)
      elsewhere = elsewhere + 1
    else
      ready[#ready + 1] = id
    end
  end
end
if #ready > 0 then redis.call('RPUSH', pending, unpack(ready)) end
count('enqueued', added)
-- When units waited already, those who take them wake the next. Who is to know of a delay may be busy then: some others
-- know it too.
wake((wasIdle and #ready or 0) + 3 * elsewhere)
return reply
`,
)

/**
 * Opens a batch before its units are added. ARGV: id, units in all, then `onSuccess`, `onComplete`, `onDeath`: each as in
 * `layout/lua/ties.ts` or ''. An empty batch calls back at once.
 */
export const OPEN_BATCH = script(
  'open-batch',
  PRELUDE,
  TIES,
  `
local id, total = take(), takeNumber()
local hash = key('batch:' .. id)
redis.call('HSET', hash, 'total', total, 'left', total, 'dead', 0)
for _, name in ipairs({ 'onSuccess', 'onComplete', 'onDeath' }) do
  local json = take()
  if json ~= '' then redis.call('HSET', hash, name, json) end
end
if total == 0 then
  callBack(hash, 'onComplete')
  callBack(hash, 'onSuccess')
  redis.call('EXPIRE', hash, 86400)
end
return now
`,
)
