import { OpsError } from '../../domain/errors.ts'
import type { Acting } from './acting.ts'
import type { BullmqQueue } from './bullmq-row.ts'

/**
 * BullMQ's own pause, for the version that the queue's clients have (`meta.version`): those before 6 expect every waiting id
 * in `paused` while it is paused, those from 6 on expect nothing there. Either's resume alone, after the other's pause, loses
 * jobs. Our scripts move ids and never rename a list over another, at most N a call.
 */

const VERSION = `
local base = KEYS[1]
local N = tonumber(ARGV[1])
local function key(name) return base .. name end
local major = tonumber(string.match(redis.call('HGET', key('meta'), 'version') or '', ':(%d+)')) or 5

local function moveSome(from, to)
  local left = redis.call('LLEN', key(from))
  for _ = 1, math.min(N, left) do redis.call('LMOVE', key(from), key(to), 'LEFT', 'RIGHT') end
  return math.max(0, left - N)
end
`

/**
 * ARGV: N. Reply: ids that are still to be moved; nothing is taken meanwhile.
 * `sluice:lever` remembers whether it was us who paused it: what others have paused we do not resume.
 */
const PAUSE = `${VERSION}
local isFirst = redis.call('HSETNX', key('meta'), 'paused', '1') == 1
if isFirst then redis.call('SET', key('sluice:lever'), 'ours') end
redis.call('DEL', key('marker'))
if major < 6 and redis.call('EXISTS', key('wait')) == 1 then
  if redis.call('EXISTS', key('paused')) == 0 then
    redis.call('RENAME', key('wait'), key('paused'))
  else
    local left = moveSome('wait', 'paused')
    if left > 0 then return left end
  end
end
if isFirst then redis.call('XADD', key('events'), '*', 'event', 'paused') end
return 0
`

/** ARGV: N, the control that ends. Reply: ids that are still to be moved; the queue is paused until there are none. */
const RESUME = `${VERSION}
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local controls = redis.call('HGETALL', key('sluice:controls'))
for at = 1, #controls, 2 do
  local expires = string.match(controls[at + 1], '^pause %S+ %S+ %l+ %S+ %d+ (%d+) ')
  if controls[at] ~= ARGV[2] and expires and tonumber(expires) > now then return 0 end
end
local ending = redis.call('HGET', key('sluice:controls'), ARGV[2])
if not ending or not string.find(ending, '^pause ') then return 0 end
if redis.call('GET', key('sluice:lever')) ~= 'ours' then return 0 end
if redis.call('EXISTS', key('paused')) == 1 then
  if redis.call('EXISTS', key('wait')) == 0 then
    redis.call('RENAME', key('paused'), key('wait'))
  else
    local left = moveSome('paused', 'wait')
    if left > 0 then return left end
  end
end
redis.call('DEL', key('sluice:lever'))
local was = redis.call('HDEL', key('meta'), 'paused')
if redis.call('EXISTS', key('wait'), key('prioritized')) > 0 then
  redis.call('ZADD', key('marker'), 0, '0')
else
  local first = redis.call('ZRANGE', key('delayed'), 0, 0, 'WITHSCORES')
  if first[2] then redis.call('ZADD', key('marker'), math.floor(tonumber(first[2]) / 4096), '1') end
end
if was == 1 then redis.call('XADD', key('events'), '*', 'event', 'resumed') end
return 0
`

/** Ids moved in one call (each about 1 µs), and calls: beyond 2 million ids somebody must ask again. */
const MOVE_MAX = 1_000
const ROUNDS_MAX = 2_000

/** Where our records of a BullMQ queue's controls lie: all keys begin with it, in the queue's slot. */
export function recordBase({ base }: BullmqQueue): string {
  return `${base}sluice:`
}

/** Sets the flag. Idempotent; rejects with OpsError, and then asking again goes on. */
export function pauseBullmq(acting: Acting, queue: BullmqQueue, signal: AbortSignal): Promise<void> {
  return repeat(acting, { lua: PAUSE, base: queue.base, args: [MOVE_MAX], signal })
}

/** Takes the flag back, unless another control of ours still wants it or somebody else had set it. */
export function resumeBullmq(
  acting: Acting,
  queue: BullmqQueue,
  { control, signal }: { readonly control: string; readonly signal: AbortSignal },
): Promise<void> {
  return repeat(acting, { lua: RESUME, base: queue.base, args: [MOVE_MAX, control], signal })
}

interface Repeated {
  readonly lua: string
  readonly base: string
  readonly args: readonly (string | number)[]
  readonly signal: AbortSignal
}

async function repeat(acting: Acting, { lua, base, args, signal }: Repeated): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const [left] = await acting.write('lever', lua, { calls: [{ base, args }], signal })
    if (left === 0) return
  }
  throw new OpsError('timeout', 'lever', `bullmq ${base}: its waiting jobs are still being moved; try again`)
}
