import { RUN_FIELDS } from '../../runtime/layout/run-state.ts'
import { script } from './scripts.ts'

/** Fields of a worker's beat in the order in which the script gives them. */
export const BEAT_FIELDS: readonly string[] =
  'host pid version serves capacity busy phase ownClockMs obeys obeysAt lastStartAtMs startedAtMs beatAtMs'.split(' ')

/**
 * What belongs to no queue. ARGV: most queues, most workers, then fleet bases.
 * Reply: now in ms, then per base [number of queues, number of workers, names, workers]. A worker is [id, fields of its
 * beat], '' where one is missing. Too many names are left out.
 */
export const SLUICE_FLEET = script(`
local call = redis.call
local time = call('TIME')
local reply = { tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) }
local queuesMax, workersMax = tonumber(ARGV[1]), tonumber(ARGV[2])
for at = 3, #ARGV do
  local base = ARGV[at]
  local size = call('SCARD', base .. 'queues')
  local names = size <= queuesMax and call('SMEMBERS', base .. 'queues') or {}
  local workers = {}
  for _, id in ipairs(call('ZREVRANGE', base .. 'workers', 0, workersMax - 1)) do
    local beat = call('HMGET', base .. 'worker:' .. id, ${quoted(BEAT_FIELDS)})
    for n = 1, #beat do beat[n] = beat[n] or '' end
    workers[#workers + 1] = { id, unpack(beat) }
  end
  reply[#reply + 1] = { size, call('ZCARD', base .. 'workers'), names, workers }
end
return reply
`)

/**
 * Reads the queues whose bases are ARGV. Reply: now in ms, then per queue an array that begins with a line of numbers
 *   `pending,active,delayed,retry,dead,oldestAt,enqueued,succeeded,failed,crashed,poisoned,runs,sagasOpen,sagasStuck`
 *   (the last two '' where none was ever begun)
 * or with `!text`, the server's error, and goes on with one array per control in force:
 *   id, its text (only its first line when an earlier queue of this reply has told the rest of this revision), units in hand, units held
 *   back, starts (-1 = not counted), workers that started such units although it is a pause (≤ 20).
 * The oldest is the first one of its line; what was discarded on the way is skipped.
 */
export const SLUICE_ROWS = script(`
local call = redis.call
local time = call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local reply = { now }
local told = {}
-- Units in hand that this call may still look at one by one.
local looks = 2000

local function olderOf(base, list, oldest)
  for _, id in ipairs(call('LRANGE', list, 0, 2)) do
    local text = call('HGET', base .. 'jobs', id)
    if text then
      local at = tonumber(string.match(text, '^%d+') or '')
      return at and (not oldest or at < oldest) and at or oldest
    end
  end
  return oldest
end

-- Units with a priority wait in lines of their own, where there ever was one.
local function pendingOf(base)
  local lines = { base .. 'pending' }
  if call('EXISTS', base .. 'prioritized') == 1 then
    lines[2], lines[3] = base .. 'pending:high', base .. 'pending:low'
  end
  local pending, oldest = 0, nil
  for _, list in ipairs(lines) do
    local length = call('LLEN', list)
    pending = pending + length
    if length > 0 then oldest = olderOf(base, list, oldest) end
  end
  return pending, oldest and string.format('%.0f', oldest) or ''
end

local function concerns(scope, name, id, label)
  if scope == 'queue' then return true end
  if scope == 'run' then return name == id end
  if scope == 'job' then return string.match(label, '^%S+') == name end
  return string.find(label .. ' ', ' ' .. name .. ' ', 1, true) ~= nil
end

-- A pause is read in the step that takes work, so who has taken some later did not read it. Two traces are looked at:
-- what is in hand, and (whole queues) who has started something in the last ten seconds; an old worker leaves only the
-- first.
local function disobedient(base, scope, name, placedAt, active)
  local seen, workers = {}, {}
  local function add(worker)
    if not seen[worker] and #workers < 20 then
      seen[worker] = true
      workers[#workers + 1] = worker
    end
  end
  if scope == 'queue' then
    local since = math.max(tonumber(placedAt), now - 10000)
    for _, worker in ipairs(call('ZRANGEBYSCORE', base .. 'starters', '(' .. since, '+inf', 'LIMIT', 0, 20)) do
      add(worker)
    end
  end
  if active > 0 and active <= looks then
    looks = looks - active
    local lines = call('HGETALL', base .. 'active')
    for at = 1, #lines, 2 do
      local worker, claimed, label = string.match(lines[at + 1], '^%d+ (%S+) (%d+) (.*)$')
      if worker and tonumber(claimed) > tonumber(placedAt) and concerns(scope, name, lines[at], label) then add(worker) end
    end
  end
  return workers
end

local function controlRow(base, id, text, active)
  local line = string.match(text, '^[^\\n]*') or ''
  local verb, scope, name, expires, revision, placedAt =
    string.match(line, '^(%l+) %S+ %S+ (%l+) (%S+) %d+ (%d+) (%d+) (%d+) %d+ %d+$')
  if not verb or tonumber(expires) <= now then return nil end
  local field = scope == 'tag' and '#' .. name or name
  local inHand, starts = active, -1
  if scope == 'queue' then
    starts = tonumber(call('HGET', base .. 'stats', 'started') or 0)
  elseif scope == 'run' then
    inHand = call('HEXISTS', base .. 'active', name)
  else
    inHand = tonumber(call('HGET', base .. 'running', field) or 0)
    starts = tonumber(call('HGET', base .. 'starts', field) or 0)
  end
  local held = scope == 'queue' and 0 or call('LLEN', base .. 'held:' .. scope .. ':' .. name)
  local workers = verb == 'pause' and disobedient(base, scope, name, placedAt, active) or {}
  local row = { id, told[id] == revision and line or text, inHand, held, starts, workers }
  told[id] = revision
  return row
end

local function row(base)
  local pending, oldest = pendingOf(base)
  local active = call('HLEN', base .. 'active')
  local stats = call('HMGET', base .. 'stats', 'enqueued', 'succeeded', 'failed', 'crashed', 'poisoned',
    'sagasOpen', 'sagasStuck')
  local numbers = {
    pending, active, call('ZCARD', base .. 'delayed'), call('ZCARD', base .. 'retry'), call('ZCARD', base .. 'dead'),
    oldest, stats[1] or 0, stats[2] or 0, stats[3] or 0, stats[4] or 0, stats[5] or 0,
    call('ZCARD', base .. 'runs'), stats[6] or '', stats[7] or '',
  }
  local told = { table.concat(numbers, ',') }
  if call('EXISTS', base .. 'controls') == 1 then
    local all = call('HGETALL', base .. 'controls')
    for at = 1, #all, 2 do told[#told + 1] = controlRow(base, all[at], all[at + 1], active) end
  end
  return told
end

for _, base in ipairs(ARGV) do
  local ok, answer = pcall(row, base)
  if not ok then
    answer = type(answer) == 'table' and answer.err or tostring(answer)
    answer = { '!' .. string.sub(string.gsub(answer, '%c', ' '), 1, 120) }
  end
  reply[#reply + 1] = answer
end
return reply
`)

/**
 * Runs, the living first and then those that ended last, the newest first in each.
 * ARGV: per queue its base and how many at most. Reply: per queue [number that live, runs], a run is [id, its line in
 * `active` or '', fields of its state]; a cursor is cut at 200 bytes, an error at 500.
 */
export const SLUICE_RUNS = script(`
local call = redis.call
local function run(base, id)
  local state = call('HMGET', base .. 'run:' .. id, ${quoted(RUN_FIELDS)})
  if not state[1] then return nil end
  local told = { id, call('HGET', base .. 'active', id) or '' }
  for n = 1, #state do told[n + 2] = string.sub(state[n] or '', 1, n == ${RUN_FIELDS.indexOf('cursor') + 1} and 200 or 500) end
  return told
end

local function living(base, most)
  local size = call('ZCARD', base .. 'runs')
  if size <= 5000 then
    local ids = call('ZDIFF', 3, base .. 'runs', base .. 'ended', base .. 'dead')
    local newest = {}
    for at = #ids, math.max(1, #ids - most + 1), -1 do newest[#newest + 1] = ids[at] end
    return newest, #ids
  end
  local ids = {}
  for _, id in ipairs(call('ZREVRANGE', base .. 'runs', 0, most - 1)) do
    if not call('ZSCORE', base .. 'ended', id) and not call('ZSCORE', base .. 'dead', id) then ids[#ids + 1] = id end
  end
  return ids, math.max(#ids, size - call('ZCARD', base .. 'ended') - call('ZCARD', base .. 'dead'))
end

local reply = {}
for at = 1, #ARGV, 2 do
  local base, most = ARGV[at], tonumber(ARGV[at + 1])
  local runs = {}
  local ids, live = living(base, most)
  for _, id in ipairs(ids) do runs[#runs + 1] = run(base, id) end
  for _, where in ipairs({ 'ended', 'dead' }) do
    local left = most - #runs
    if left > 0 then
      for _, id in ipairs(call('ZREVRANGE', base .. where, 0, left - 1)) do runs[#runs + 1] = run(base, id) end
    end
  end
  reply[#reply + 1] = { live, runs }
end
return reply
`)

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ')
}
