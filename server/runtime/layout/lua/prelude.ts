import { RUN_MOVES } from '../../../domain/run.ts'

/**
 * What every script begins with: the time of Redis, and the one function that changes a run's status (by the table of
 * the domain). `ARGV` is read in order by `take()`, so a script's arguments are the order of its calls.
 */
export const PRELUDE = `
local base = KEYS[1]
local time = redis.call('TIME')
local nowUs = tonumber(time[1]) * 1000000 + tonumber(time[2])
local now = math.floor(nowUs / 1000)
local at = 0
local function take() at = at + 1 return ARGV[at] end
local function takeNumber() return tonumber(take()) end
local function key(name) return base .. name end
local function count(name, by) if by ~= 0 then redis.call('HINCRBY', key('stats'), name, by) end end

-- Wakes idle workers, as many as there are units for, the last idle first. Those that are full then wake the next (see
-- 'turn'), so a few are enough to begin with. Only a nudge: who hears none looks by itself. The dead do not hear, which
-- their number bounds.
local function wake(units)
  local woken, tries = 0, 0
  while woken < math.min(units, 10) and tries < 20 do
    local idle = redis.call('ZRANGE', key('idle'), -1, -1)[1]
    if not idle then return end
    redis.call('ZREM', key('idle'), idle)
    tries = tries + 1
    if redis.call('PUBLISH', key('nudge:' .. idle), 'work') > 0 then woken = woken + 1 end
  end
end

local moves
-- Only runs have a status. A move that is not in the table is not made, and counted as refused.
local function move(id, to)
  local run = key('run:' .. id)
  local from = redis.call('HGET', run, 'status')
  if not from or from == to then return end
  -- Made when first asked for: most scripts move nothing.
  moves = moves or ${movesAsLua()}
  if not moves[from][to] then count('refused', 1) return end
  redis.call('HSET', run, 'status', to)
end
`

function movesAsLua(): string {
  const rows = Object.entries(RUN_MOVES).map(([from, to]) => `${from}={${to.map((one) => `${one}=true`).join(',')}}`)
  return `{${rows.join(',')}}`
}
