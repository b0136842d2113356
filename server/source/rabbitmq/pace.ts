/**
 * When the full list is read. It costs the broker time in proportion to its queues, so its pace follows from what
 * the last one took: some 1,000 queues can be read in full each cycle, 10,000 once a minute.
 */
export interface ListPace {
  /** Since the last list was asked for; null = never. */
  readonly sinceMs: number | null
  readonly tookMs: number
  /** Queues have come or gone that the last list does not explain. */
  readonly isUrgent: boolean
}

/** The share of the broker's time: 2 %, or 5 % when there is something to find out. */
const PAUSE_FACTOR = 50
const PAUSE_FACTOR_URGENT = 20
/** At least once a minute, but never more than a tenth of the broker's time. */
const PAUSE_MS_MAX = 60_000
const PAUSE_FACTOR_MIN = 10

export function isListDue({ sinceMs, tookMs, isUrgent }: ListPace): boolean {
  if (sinceMs === null) return true
  const wanted = tookMs * (isUrgent ? PAUSE_FACTOR_URGENT : PAUSE_FACTOR)
  return sinceMs >= Math.max(Math.min(wanted, PAUSE_MS_MAX), tookMs * PAUSE_FACTOR_MIN)
}

/** How long a collect waits for a full list; one that takes longer is taken by a later collect. */
export const LIST_WAIT_MS = 1_000
/** Without a list there is nothing to show yet, so the first is waited for a little longer. */
export const FIRST_LIST_WAIT_MS = 2_000
/** A way of reading that failed is tried again after this. */
export const RETRY_PAUSE_MS = 60_000
/** Rights and exchanges change seldom. */
export const SLOW_FACTS_MS = 60_000
/** A row read at most this long ago still tells of now, within what statistics lag anyway. */
export const ROW_FRESH_MS = 12_000
/** A watched queue whose row is younger needs no reading of its own. */
export const SINGLE_FRESH_MS = 1_000
/** Watched queues read one by one in a cycle, and the time for it. */
export const SINGLES_MAX = 20
export const SINGLES_MS_MAX = 1_000
/** Exchanges whose bindings are read in one pass, and the time for it. */
export const EXCHANGES_MAX = 50
export const EXCHANGES_MS_MAX = 1_000
