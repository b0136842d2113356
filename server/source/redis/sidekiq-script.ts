import { script } from './scripts.ts'

/**
 * Reads the queues named in ARGV. Replies {server's time in ms, [length, enqueued_at of the next job, paused, limit] …};
 * of a payload only the time leaves the server. The last match counts: Sidekiq's own field comes after the arguments.
 * `paused`: Sidekiq Pro's set, or a pause of sidekiq-limit_fetch; `limit`: sidekiq-limit_fetch's.
 */
export const SIDEKIQ_QUEUES = script(`
local now = redis.call('TIME')
local rows = { now[1] .. string.format('%03d', math.floor(tonumber(now[2]) / 1000)) }
for _, name in ipairs(ARGV) do
  local ok, row = pcall(function()
    local key = 'queue:' .. name
    local length = redis.call('LLEN', key)
    local at = ''
    if length > 0 then
      at = string.match(redis.call('LINDEX', key, -1), '.*"enqueued_at":([%d%.]+)') or ''
    end
    local paused = redis.call('SISMEMBER', 'paused', name) + redis.call('EXISTS', 'limit_fetch:pause:' .. name)
    return { length, at, paused, redis.call('GET', 'limit_fetch:limit:' .. name) or '' }
  end)
  rows[#rows + 1] = ok and row or {}
end
return rows
`)

/**
 * Reads the processes whose identities are ARGV. Per process: {} when its hash has expired (it crashed), else
 * [beat, busy, quiet, concurrency, info, [queue, jobs running …]]. Before 6.5 \`:work\` was called \`:workers\`.
 */
export const SIDEKIQ_PROCESSES = script(`
local rows = {}
for _, identity in ipairs(ARGV) do
  local ok, row = pcall(function()
    local told = redis.call('HMGET', identity, 'beat', 'busy', 'quiet', 'concurrency', 'info')
    if not told[1] and not told[5] then return {} end
    local work = identity .. ':work'
    if redis.call('EXISTS', work) == 0 then work = identity .. ':workers' end
    local counts, order = {}, {}
    if redis.call('HLEN', work) <= 2000 then
      for _, value in ipairs(redis.call('HVALS', work)) do
        local queue = string.match(value, '"queue":%s*"([^"]*)"')
        if queue then
          if not counts[queue] then order[#order + 1] = queue end
          counts[queue] = (counts[queue] or 0) + 1
        end
      end
    end
    local running = {}
    for _, queue in ipairs(order) do
      running[#running + 1] = queue
      running[#running + 1] = counts[queue]
    end
    local info = told[5] or ''
    if #info > 65536 then info = '' end
    return { told[1] or '', told[2] or '', told[3] or '', told[4] or '', info, running }
  end)
  rows[#rows + 1] = ok and row or {}
end
return rows
`)

/** Counts by queue the members of the sorted set ARGV[1] from ARGV[2] to ARGV[3]: [queue, jobs …]. */
export const SIDEKIQ_MEMBERS = script(`
local counts, order = {}, {}
for _, member in ipairs(redis.call('ZRANGE', ARGV[1], ARGV[2], ARGV[3])) do
  local queue = string.match(member, '"queue":%s*"([^"]*)"')
  if queue then
    if not counts[queue] then order[#order + 1] = queue end
    counts[queue] = (counts[queue] or 0) + 1
  end
end
local flat = {}
for _, queue in ipairs(order) do
  flat[#flat + 1] = queue
  flat[#flat + 1] = counts[queue]
end
return flat
`)
