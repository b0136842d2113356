import { GATE } from '../../layout/lua/gate.ts'
import { HOLD } from '../../layout/lua/hold.ts'
import { PRELUDE } from '../../layout/lua/prelude.ts'
import { script } from '../script.ts'

/**
 * Saves where an iterating run stands, renews its lease and tells what is asked of it: one round trip.
 * ARGV: id, epoch, lease in ms, cursor, done, total, running in ms, items per second (empty = leave as it is), items that
 *       the checkpoint before let through and that were not begun.
 * Reply: 1 when the unit is still held with this token, else 0 and nothing was written; now in ms; what is asked of it:
 *        `pause`, `cancel` or ''; items that may be begun before the next checkpoint, -1 = as many as it likes; ms to wait
 *        when there are none.
 */
export const CHECKPOINT = script(
  'checkpoint',
  PRELUDE,
  HOLD,
  GATE,
  `
-- Items let through at once; and so long they are gathered, so that a checkpoint is worth it: less than the lead.
local ITEMS_MAX, GATHER_MS = 1000, 40
local id, epoch, leaseMs = take(), take(), takeNumber()
local cursor, done, total, runningMs, perSecond, unused = take(), take(), take(), take(), take(), takeNumber()
local line = heldWith(id, epoch)
if not line then
  count('refused', 1)
  return { 0, now, '', -1, 0 }
end
save(id, cursor, done, total, runningMs, perSecond)
redis.call('ZADD', key('leases'), now + leaseMs, id)
if isCancelling(id) then return { 1, now, 'cancel', -1, 0 } end
local label = string.match(line, '^%d+ %S+ %d+ (.*)$')
local meters = {}
for _, control in ipairs(controlsInForce()) do
  if concerns(control, id, label) then
    if control.verb == 'pause' then return { 1, now, 'pause', -1, 0 } end
    if control.verb == 'throttle' then meters[#meters + 1] = control end
  end
end
if #meters == 0 then return { 1, now, '', -1, 0 } end
-- What one control does not let through, the others do not count.
local allowed, waitUs = ITEMS_MAX, 0
for _, control in ipairs(meters) do
  control.unused = unused > 0 and unused or nil
  allowed = math.min(allowed, leftOf(control))
  if control.left <= 0 then waitUs = math.max(waitUs, control.due - LEAD_US - nowUs) end
end
for _, control in ipairs(meters) do spend(control, allowed) end
settle(meters)
return { 1, now, '', allowed, allowed > 0 and 0 or math.ceil(math.max(waitUs / 1000, GATHER_MS)) }
`,
)
