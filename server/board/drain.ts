/** How a backlog ends at today's rates. */
export interface Drain {
  /** `idle`: nothing waits, or no more than goes out in a second. */
  readonly drain: 'draining' | 'never' | 'idle' | 'unknown'
  /** Only while draining. */
  readonly drainMs: number | null
}

/** Longer than this is no estimate but a guess. */
const DRAIN_MAX_MS = 30 * 86_400_000

export function drainOf(amount: number | null, inPerSecond: number | null, outPerSecond: number | null): Drain {
  if (amount === 0) return { drain: 'idle', drainMs: null }
  // Less than a second of work is no backlog: it is what is passing through.
  if (amount !== null && outPerSecond !== null && amount <= outPerSecond) return { drain: 'idle', drainMs: null }
  if (amount === null || inPerSecond === null || outPerSecond === null) return { drain: 'unknown', drainMs: null }
  const ms = (amount * 1_000) / (outPerSecond - inPerSecond)
  if (outPerSecond <= inPerSecond || ms > DRAIN_MAX_MS) return { drain: 'never', drainMs: null }
  return { drain: 'draining', drainMs: Math.round(ms) }
}
