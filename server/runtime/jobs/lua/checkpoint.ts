import { GATE } from '../../layout/lua/gate.ts'
import { HOLD } from '../../layout/lua/hold.ts'
import { PRELUDE } from '../../layout/lua/prelude.ts'
import { script } from '../script.ts'

/**
 * Saves where an iterating run stands, renews its lease and tells what is asked of it: one round trip.
 * ARGV: id, epoch, lease in ms, cursor, done, total, running in ms, items per second (empty = leave as it is).
 * Reply: 1 when the unit is still held with this token, else 0 and nothing was written; now in ms; what is asked of it:
 *        `pause`, `cancel` or ''.
 */
export const CHECKPOINT = script(
  'checkpoint',
  PRELUDE,
  HOLD,
  GATE,
  `
local id, epoch, leaseMs = take(), take(), takeNumber()
local cursor, done, total, runningMs, perSecond = take(), take(), take(), take(), take()
local line = heldWith(id, epoch)
if not line then
  count('refused', 1)
  return { 0, now, '' }
end
save(id, cursor, done, total, runningMs, perSecond)
redis.call('ZADD', key('leases'), now + leaseMs, id)
if isCancelling(id) then return { 1, now, 'cancel' } end
local label = string.match(line, '^%d+ %S+ %d+ (.*)$')
for _, control in ipairs(controlsInForce()) do
  if control.verb == 'pause' and concerns(control, id, label) then return { 1, now, 'pause' } end
end
return { 1, now, '' }
`,
)
