import { type Order, rateAt } from '../domain/control.ts'

/** Figures of now; null = cannot be told. */
export interface ProjectedFrom {
  readonly depth: number | null
  readonly active: number | null
  readonly oldestAgeMs: number | null
  readonly inPerSecond: number | null
  readonly outPerSecond: number | null
}

/** What a control would come to, if arrivals stay as they are; null = cannot be told. */
export interface Projection {
  /** What it lets through, on average over its life. */
  readonly outAfterPerSecond: number | null
  readonly depthAtEnd: number | null
  readonly oldestAtEndMs: number | null
  /** From its end until nothing waits, at today's rates; null also when that never comes. */
  readonly drainMs: number | null
}

/** Longer than this is no estimate but a guess. */
const DRAIN_MAX_MS = 30 * 86_400_000

export function project(now: ProjectedFrom, order: Order, ttlMs: number): Projection {
  const { depth, inPerSecond, outPerSecond } = now
  const outAfterPerSecond = letThrough(now, order)
  if (depth === null || inPerSecond === null || outAfterPerSecond === null) {
    return { outAfterPerSecond, depthAtEnd: null, oldestAtEndMs: null, drainMs: null }
  }
  const seconds = ttlMs / 1_000
  const depthAtEnd = Math.max(0, Math.round(depth + (inPerSecond - outAfterPerSecond) * seconds))
  return {
    outAfterPerSecond,
    depthAtEnd,
    oldestAtEndMs: oldestAtEnd(now, { depth, inPerSecond, taken: outAfterPerSecond * seconds, depthAtEnd, ttlMs }),
    drainMs: drainOf(depthAtEnd, inPerSecond, outPerSecond),
  }
}

/** A limit is taken to let through its share of what runs now: each unit takes as long as today. */
function letThrough({ active, outPerSecond }: ProjectedFrom, order: Order): number | null {
  if (order.verb === 'pause') return 0
  if (order.verb === 'throttle') {
    // Straight from one rate to the other: the average is that of the middle.
    const allowed = rateAt(order, { issuedAtMs: 0, expiresAtMs: 2 }, 1)
    return outPerSecond === null ? null : Math.min(allowed, outPerSecond)
  }
  if (outPerSecond === null || active === null) return null
  return active <= order.concurrency ? outPerSecond : outPerSecond * (order.concurrency / active)
}

/** First in, first out, and what waits now came at one pace. */
function oldestAtEnd(
  { oldestAgeMs }: ProjectedFrom,
  flow: { depth: number; inPerSecond: number; taken: number; depthAtEnd: number; ttlMs: number },
): number | null {
  const { depth, inPerSecond, taken, depthAtEnd, ttlMs } = flow
  if (depthAtEnd === 0) return 0
  if (taken < depth) return oldestAgeMs === null ? null : Math.round(oldestAgeMs * (1 - taken / depth) + ttlMs)
  return inPerSecond > 0 ? Math.round(Math.min(ttlMs, (depthAtEnd / inPerSecond) * 1_000)) : null
}

function drainOf(depth: number, inPerSecond: number, outPerSecond: number | null): number | null {
  if (depth === 0) return 0
  if (outPerSecond === null || outPerSecond <= inPerSecond) return null
  const ms = Math.round((depth * 1_000) / (outPerSecond - inPerSecond))
  return ms > DRAIN_MAX_MS ? null : ms
}
