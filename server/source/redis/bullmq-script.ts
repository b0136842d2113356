import { OpsError } from '../../domain/errors.ts'
import type { BullmqAnswer } from './bullmq-row.ts'
import { script } from './scripts.ts'

/**
 * Reads the queues whose key bases are ARGV. Replies one string: the server's time in ms, then a line per queue; numbers
 * without names, because 1,000 queues are read every two seconds.
 *   `wait,paused,prioritized,active,delayed,failed,id,oldestAt,isPaused,concurrency,max,duration,waitingChildren,metricsFailed,controls,version`
 *   `-` = no such queue, `!text` = the server's error.
 * Old BullMQ leaves a marker `0:<ms>` at the tail of a waiting list: it is not a job.
 */
export const BULLMQ_ROWS = script(`
local call = redis.call
local now = call('TIME')
local lines = { now[1] .. string.format('%03d', math.floor(tonumber(now[2]) / 1000)) }

local function number(value)
  return value and tonumber(value) or ''
end

local function waiting(key)
  local length = call('LLEN', key)
  if length == 0 then return 0 end
  local tail = call('LINDEX', key, -1)
  if string.sub(tail, 1, 2) ~= '0:' then return length, tail end
  if length == 1 then return 0 end
  return length - 1, call('LINDEX', key, -2)
end

local function older(base, id, oldest)
  if not id then return oldest end
  local at = tonumber(call('HGET', base .. id, 'timestamp') or '')
  if at and (not oldest or at < oldest) then return at end
  return oldest
end

local function row(base)
  local meta = call('HMGET', base .. 'meta', 'paused', 'concurrency', 'max', 'duration', 'version')
  local version = meta[5]
  if not version and call('EXISTS', base .. 'meta') == 0 then return '-' end
  if not version or not string.find(version, '^[%w.:-]+$') or #version > 40 then version = '' end
  local wait, next_wait = waiting(base .. 'wait')
  local paused, next_paused = waiting(base .. 'paused')
  local prioritized = call('ZCARD', base .. 'prioritized')
  local oldest = older(base, next_paused, older(base, next_wait, nil))
  if prioritized > 0 then
    oldest = older(base, call('ZRANGE', base .. 'prioritized', 0, 0)[1], oldest)
  end
  return table.concat({
    wait, paused, prioritized,
    call('LLEN', base .. 'active'), call('ZCARD', base .. 'delayed'), call('ZCARD', base .. 'failed'),
    number(call('GET', base .. 'id')), oldest or '',
    meta[1] and '1' or '', number(meta[2]), number(meta[3]), number(meta[4]),
    call('ZCARD', base .. 'waiting-children'),
    number(call('HGET', base .. 'metrics:failed', 'count')),
    call('HLEN', base .. 'sluice:controls'),
    version,
  }, ',')
end

for _, base in ipairs(ARGV) do
  local ok, line = pcall(row, base)
  if not ok then
    line = type(line) == 'table' and line.err or tostring(line)
    line = '!' .. string.sub(string.gsub(line, '%c', ' '), 1, 120)
  end
  lines[#lines + 1] = line
end
return table.concat(lines, '\\n')
`)

/**
 * Counts, for each key base in ARGV (after the page size), the delayed jobs that have been tried before, looking at no more than a page:
 * a line per queue, empty where the set is longer than the page. `atm` counts attempts made (older clients: `attemptsMade`).
 */
export const BULLMQ_RETRYING = script(`
local page = tonumber(ARGV[1])
local lines = {}
for at = 2, #ARGV do
  local base = ARGV[at]
  local ok, line = pcall(function()
    if redis.call('ZCARD', base .. 'delayed') > page then return '' end
    local tried = 0
    for _, id in ipairs(redis.call('ZRANGE', base .. 'delayed', 0, page - 1)) do
      local made = redis.call('HMGET', base .. id, 'atm', 'attemptsMade')
      if (tonumber(made[1] or made[2]) or 0) > 0 then tried = tried + 1 end
    end
    return tried
  end)
  lines[#lines + 1] = ok and line or ''
end
return table.concat(lines, '\\n')
`)

/** Reads the reply of BULLMQ_ROWS; throws OpsError `malformed` when it is not one for `count` queues. */
export function parseRows(reply: unknown, count: number): { serverMs: number; answers: readonly BullmqAnswer[] } {
  const [time = '', ...lines] = typeof reply === 'string' ? reply.split('\n') : []
  if (!/^\d{13,16}$/.test(time) || lines.length !== count) {
    throw new OpsError('malformed', 'bullmq', `the reading script answered ${lines.length} rows for ${count} queues`)
  }
  return { serverMs: Number(time), answers: lines.map(parseRow) }
}

function parseRow(line: string): BullmqAnswer {
  if (line === '-') return 'gone'
  if (line.startsWith('!')) return { error: line.slice(1) }
  const parts = line.split(',')
  const number = (at: number) => countOf(parts[at])
  return {
    wait: number(0) ?? 0,
    paused: number(1) ?? 0,
    prioritized: number(2) ?? 0,
    active: number(3) ?? 0,
    delayed: number(4) ?? 0,
    failed: number(5) ?? 0,
    added: number(6),
    oldestAtMs: number(7),
    isPaused: parts[8] === '1',
    concurrency: number(9),
    max: number(10),
    durationMs: number(11),
    waitingChildren: number(12) ?? 0,
    metricsFailed: number(13),
    controls: number(14) ?? 0,
    version: parts[15] || null,
  }
}

/** What Lua takes for a number may be `inf`, `nan` or negative: whoever wrote that, it is no count. */
function countOf(text: string | undefined): number | null {
  const value = text ? Number(text) : Number.NaN
  return Number.isFinite(value) && value >= 0 ? value : null
}
