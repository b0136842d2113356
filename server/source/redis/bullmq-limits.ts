import type { Order } from '../../domain/control.ts'
import type { Acting } from './acting.ts'
import type { BullmqQueue, BullmqRow } from './bullmq-row.ts'

/** BullMQ waits out a window that has begun: with longer ones, what is lifted would go on late. */
const WINDOW_MS_MAX = 10_000

/**
 * Brings the limits in `meta` in line with our records: the strictest in force, and of what stood there before. ARGV: a control
 * that ends, or ''. Where none is in force any more, what stood there before comes back, unless somebody has changed
 * it meanwhile: then theirs stays.
 *
 * A rate becomes so many (`max`) in a window (`duration`, ms), never more than was asked for.
 */
const SYNC = `
local base, ending = KEYS[1], ARGV[1]
local function key(name) return base .. name end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local wanted = {}
local controls = redis.call('HGETALL', key('sluice:controls'))
for at = 1, #controls, 2 do
  local verb, x, expires = string.match(controls[at + 1], '^(%l+) (%S+) %S+ %l+ %S+ %d+ (%d+) ')
  local value = tonumber(x)
  if value and controls[at] ~= ending and tonumber(expires) > now then
    wanted[verb] = math.min(wanted[verb] or value, value)
  end
end

local function windowOf(rate)
  if rate < 1 then return '1 ' .. math.ceil(1000 / rate) end
  if rate == math.floor(rate) then return string.format('%.0f 1000', rate) end
  return string.format('%.0f 10000', math.floor(rate * 10 + 0.000001))
end
local function rateOf(window)
  local max, duration = string.match(window, '^(%S+) (%S+)$')
  max, duration = tonumber(max), tonumber(duration)
  return max and duration and duration > 0 and max * 1000 / duration or nil
end

-- What stands there, as one word or two; '' when anything is missing.
local function read(fields)
  local values = redis.call('HMGET', key('meta'), unpack(fields))
  for _, value in ipairs(values) do if not value then return '' end end
  return table.concat(values, ' ')
end
local function write(fields, words)
  if words == '' then redis.call('HDEL', key('meta'), unpack(fields)) return end
  local n = 0
  for word in string.gmatch(words, '%S+') do
    n = n + 1
    redis.call('HSET', key('meta'), fields[n], word)
  end
end

local function bring(name, fields, value, toWords, fromWords)
  local limits = key('sluice:limits')
  local ours, before = unpack(redis.call('HMGET', limits, name .. ':ours', name .. ':before'))
  local current = read(fields)
  if value then
    if current ~= ours then before = current end
    local theirs = fromWords(before)
    local words = theirs and theirs < value and before or toWords(value)
    write(fields, words)
    redis.call('HSET', limits, name .. ':ours', words, name .. ':before', before)
  elseif ours then
    if current == ours then write(fields, before) end
    redis.call('HDEL', limits, name .. ':ours', name .. ':before')
  end
end

bring('concurrency', { 'concurrency' }, wanted.limit, function(value) return string.format('%.0f', value) end, tonumber)
bring('rate', { 'max', 'duration' }, wanted.throttle, windowOf, rateOf)
return 0
`

/** Idempotent; rejects with OpsError. */
export async function syncLimits(
  acting: Acting,
  { base }: BullmqQueue,
  { ending, signal }: { readonly ending: string | null; readonly signal: AbortSignal },
): Promise<void> {
  await acting.write('lever', SYNC, { calls: [{ base, args: [ending ?? ''] }], signal })
}

/** Why BullMQ cannot do this; null when it can. */
export function orderFault(order: Order): string | null {
  if (order.verb !== 'throttle') return null
  if (order.fromPerSecond !== null) return 'BullMQ has no rate that grows; lift it, or take a fixed rate'
  const least = 1_000 / WINDOW_MS_MAX
  return order.perSecond < least ? `BullMQ is throttled to ${least}/s or more; to hold it back further, pause it` : null
}

/** Does what stands in `meta` make this order true? */
export function isInPlace(order: Order, { isPaused, concurrency, max, durationMs }: BullmqRow): boolean {
  if (order.verb === 'pause') return isPaused
  if (order.verb === 'limit') return concurrency !== null && concurrency <= order.concurrency
  return (
    max !== null && durationMs !== null && durationMs > 0 && (max * 1_000) / durationMs <= order.perSecond * 1.000001
  )
}
