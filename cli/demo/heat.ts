/** How badly the shop's database does: 0 = well; a query takes 1 + heat times as long. */
export interface Heat {
  readonly heat: number
  readonly isMelting: boolean
}

export const WELL: Heat = { heat: 0, isMelting: false }

/** An index is gone: every query reads seven times as much. What follows depends on the load. */
const HEAT_FIRST = 6
const HEAT_MAX = 12
/** Below it the melting is over. */
const HEAT_OVER = 1
/** Share of the connections that may be busy for the heat to stay as it is. */
const CRITICAL = 0.6
/** Heat gained in a second with all connections busy, and lost with none. */
const GAIN = 0.3
const LOSS = 0.6
/** Somebody builds the index again. */
const REPAIRED = 0.5

export function melting(): Heat {
  return { heat: HEAT_FIRST, isMelting: true }
}

/**
 * One step in time: work that waits makes more work (retries, long transactions, cold caches), so under load it gets
 * worse; with room to breathe it recovers, and the more room the sooner.
 * @param busy share of the connections that were busy, 0 to 1 @param seconds since the last step
 */
export function nextHeat({ heat, isMelting }: Heat, busy: number, seconds: number): Heat {
  if (!isMelting) return { heat: Math.max(0, heat - REPAIRED * seconds), isMelting }
  const change = busy > CRITICAL ? (GAIN * (busy - CRITICAL)) / (1 - CRITICAL) : (-LOSS * (CRITICAL - busy)) / CRITICAL
  const next = Math.min(HEAT_MAX, heat + change * seconds)
  return next < HEAT_OVER ? { heat: next, isMelting: false } : { heat: next, isMelting }
}
