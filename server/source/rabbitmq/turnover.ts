/**
 * How old the oldest waiting message can be, found by watching: a queue that was empty, or from which as many were
 * taken since as waited then, holds nothing older than that moment. An upper bound for first-in first-out.
 */
export interface Turnover {
  /** Nothing that waits now is older than this (wall clock, ms); null = not known yet. */
  readonly floorAtMs: number | null
  readonly mark: Mark | null
}

interface Mark {
  readonly atMs: number
  readonly waiting: number
  readonly taken: number
}

export interface Sighting {
  readonly atMs: number
  readonly waiting: number
  /** Deliveries counted up to now; null = not told this time. */
  readonly taken: number | null
}

/** Statistics are 5–8 s old: what was counted as taken after the mark may have been taken that long before it. */
const STATISTICS_LAG_MS = 10_000

export function watchTurnover(before: Turnover | undefined, { atMs, waiting, taken }: Sighting): Turnover {
  if (waiting === 0) return { floorAtMs: atMs, mark: null }
  const floorAtMs = before?.floorAtMs ?? null
  if (taken === null) return { floorAtMs, mark: before?.mark ?? null }
  const mark = before?.mark ?? null
  const now: Mark = { atMs, waiting, taken }
  if (!mark || taken < mark.taken) return { floorAtMs, mark: now }
  if (taken - mark.taken < mark.waiting) return { floorAtMs, mark }
  const passedAtMs = mark.atMs - STATISTICS_LAG_MS
  return { floorAtMs: floorAtMs === null ? passedAtMs : Math.max(floorAtMs, passedAtMs), mark: now }
}
