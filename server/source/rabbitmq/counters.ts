/** Lifetime counters of one queue. Null = not told. */
export interface Counters {
  readonly added: number | null
  readonly finished: number | null
  readonly failed: number | null
  readonly redelivered: number | null
}

export const NO_COUNTERS: Counters = { added: null, finished: null, failed: null, redelivered: null }

interface Reading {
  readonly atMs: number
  readonly counters: Counters
}

/** The last two readings of one queue's counters, and what was last reported of them. Times are monotonic. */
export interface CounterTrack {
  readonly before: Reading | null
  readonly latest: Reading
  readonly reported: Counters | null
}

export interface CounterReport {
  readonly counters: Counters
  /** Whether they lie between two readings. */
  readonly isEstimated: boolean
}

/** Readings at most this far apart are reported as they are: the rates over a minute come out right. */
const DIRECT_PERIOD_MS = 12_000
/** How much later than its own period the next reading may come before the last one is too old to tell. */
const SLACK_MS = 10_000

export function addReading(track: CounterTrack | undefined, atMs: number, counters: Counters): CounterTrack {
  return { before: track?.latest ?? null, latest: { atMs, counters }, reported: track?.reported ?? null }
}

/**
 * What to report at a moment. Counters are read seldom on large brokers, and a counter that stands still for a minute
 * and then jumps makes a rate of 0 and a spike of it. So readings far apart are played back one period late, in even
 * steps from one to the next. Null: one seldom reading alone, or nothing fresh.
 */
export function reportAt(track: CounterTrack, nowMs: number): CounterReport | null {
  const { before, latest, reported } = track
  const sinceMs = nowMs - latest.atMs
  if (!before) return sinceMs <= DIRECT_PERIOD_MS ? { counters: latest.counters, isEstimated: false } : null
  const periodMs = latest.atMs - before.atMs
  if (sinceMs > 2 * periodMs + SLACK_MS) return null
  if (periodMs <= DIRECT_PERIOD_MS) return { counters: latest.counters, isEstimated: false }
  const part = Math.min(1, sinceMs / periodMs)
  return {
    counters: {
      added: between(before.counters.added, latest.counters.added, { part, floor: reported?.added }),
      finished: between(before.counters.finished, latest.counters.finished, { part, floor: reported?.finished }),
      failed: between(before.counters.failed, latest.counters.failed, { part, floor: reported?.failed }),
      redelivered: between(before.counters.redelivered, latest.counters.redelivered, {
        part,
        floor: reported?.redelivered,
      }),
    },
    isEstimated: part < 1,
  }
}

/** Never goes back from what was reported, unless the counter itself fell (a restart): then it is told at once. */
function between(
  from: number | null,
  to: number | null,
  { part, floor }: { part: number; floor: number | null | undefined },
): number | null {
  if (from === null || to === null || to < from) return to
  const value = Math.round(from + (to - from) * part)
  return typeof floor === 'number' && floor <= to ? Math.max(value, floor) : value
}
