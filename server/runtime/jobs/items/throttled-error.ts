/** Longest time that a run steps aside at once, ms: then it asks again. */
export const THROTTLED_MAX_MS = 86_400_000

/**
 * Thrown by the items or by `each` of an iterating job: the outside world asks for time. The run steps aside and goes on
 * at the item in hand; that is an interruption, not a failed attempt, so `onError` and the retries have no part in it.
 */
export class ThrottledError extends Error {
  /** Whole ms, from 1 to a day. */
  readonly delayMs: number

  constructor(delayMs: number, message: string) {
    super(message)
    this.name = 'ThrottledError'
    this.delayMs = Math.min(THROTTLED_MAX_MS, Math.max(1, Math.ceil(Number.isNaN(delayMs) ? 1 : delayMs)))
  }
}
