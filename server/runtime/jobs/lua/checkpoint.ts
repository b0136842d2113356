import { script } from '../script.ts'
import { HOLD } from './hold.ts'
import { PRELUDE } from './prelude.ts'

/**
 * Saves where an iterating run stands, renews its lease and tells what is asked of it: one round trip.
 * ARGV: id, epoch, lease in ms, cursor, done, total, running in ms, items per second (empty = leave as it is).
 * Reply: 1 when the unit is still held with this token, else 0 and nothing was written; now in ms.
 */
export const CHECKPOINT = script(
  'checkpoint',
  PRELUDE,
  HOLD,
  `
local id, epoch, leaseMs = take(), take(), takeNumber()
local cursor, done, total, runningMs, perSecond = take(), take(), take(), take(), take()
if not heldWith(id, epoch) then
  count('refused', 1)
  return { 0, now }
end
save(id, cursor, done, total, runningMs, perSecond)
redis.call('ZADD', key('leases'), now + leaseMs, id)
return { 1, now }
`,
)
