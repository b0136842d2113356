/**
 * Which controls are in force, and how many units each still lets through. Uses the prelude.
 *
 * A throttle is a GCRA on the time of Redis: `bucket:<id>` holds the moment, in µs, up to which starts, and the items of
 * iterating jobs, are spoken for. Its tolerance is a tenth of a second: a start that comes late costs no rate, and at most
 * one start and a tenth of a second's worth more may come at once. It begins without that credit: its first second is as
 * strict as any other.
 */
export const GATE = `
local CONTROL = '^(%l+) (%S+) (%S+) (%l+) (%S+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)\\n'
local LEAD_US = 100000

-- Those that have ended are removed here, by whoever looks first.
local function controlsInForce()
  local all = redis.call('HGETALL', key('controls'))
  local inForce, ended = {}, {}
  for i = 1, #all, 2 do
    local verb, x, y, scope, name, issued, expires = string.match(all[i + 1], CONTROL)
    if verb and tonumber(expires) <= now then
      ended[#ended + 1] = all[i]
    elseif verb then
      inForce[#inForce + 1] = {
        id = all[i], verb = verb, x = tonumber(x), y = tonumber(y), scope = scope, name = name,
        issued = tonumber(issued), expires = tonumber(expires), used = 0,
      }
    end
  end
  if #ended > 0 then
    redis.call('HDEL', key('controls'), unpack(ended))
    for _, id in ipairs(ended) do
      redis.call('UNLINK', key('bucket:' .. id))
      -- A late repetition of its placing must not bring it back.
      redis.call('ZADD', key('lifted'), now, id)
    end
    redis.call('INCR', key('revision'))
    redis.call('PUBLISH', key('nudge'), 'control')
  end
  return inForce
end

-- The rate at this moment: it may grow in a straight line over the control's life.
local function rateOf(control)
  if not control.y then return control.x end
  local share = (now - control.issued) / math.max(1, control.expires - control.issued)
  return control.y + (control.x - control.y) * math.min(1, math.max(0, share))
end

-- Units that this control lets start now.
local function leftOf(control)
  if control.left then return control.left end
  local left = 0
  if control.verb == 'limit' then
    local field = control.scope == 'tag' and '#' .. control.name or control.name
    local inHand = control.scope == 'queue' and redis.call('HLEN', key('active'))
      or control.scope == 'run' and redis.call('HEXISTS', key('active'), control.name)
      or redis.call('HGET', key('running'), field) or 0
    left = control.x - tonumber(inHand)
  elseif control.verb == 'throttle' then
    local everyUs = 1000000 / rateOf(control)
    local due = tonumber(redis.call('GET', key('bucket:' .. control.id))) or nowUs + LEAD_US
    due = due - (control.unused or 0) * everyUs
    -- A rate that has grown must not wait for what the slower one had spoken for.
    due = math.max(nowUs, math.min(due, nowUs + LEAD_US + everyUs))
    left = math.floor((nowUs + LEAD_US - due) / everyUs + 0.000001) + 1
    control.everyUs, control.due = everyUs, due
  end
  control.left = math.max(0, left)
  return control.left
end

local function spend(control, n)
  control.left = control.left - n
  control.used = control.used + n
end

-- What was let through is spoken for. The buckets outlive their last use by a second at most.
local function settle(controls)
  for _, control in ipairs(controls) do
    if control.everyUs and (control.used > 0 or control.unused) then
      local due = control.due + control.used * control.everyUs
      redis.call('SET', key('bucket:' .. control.id), string.format('%.0f', due), 'PX', math.ceil((due - nowUs) / 1000) + 1000)
    end
  end
end

-- Is this unit one of those that the control concerns? 'label' is its job class and tags, as in its text.
local function concerns(control, id, label)
  if control.scope == 'queue' then return true end
  if control.scope == 'run' then return control.name == id end
  if control.scope == 'job' then return string.match(label, '^%S+') == control.name end
  return string.find(label .. ' ', ' ' .. control.name .. ' ', 1, true) ~= nil
end
`
