import type { Clock } from '../../server/domain/clock.ts'

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Lets time pass: both clocks move. */
  advance(ms: number): void
  /** Sets the wall clock alone, as an operator or NTP would; the monotonic clock does not notice. */
  jumpTo(nowMs: number): void
}

/** @param startMs the wall clock's Unix time at the start, in ms; an ordinary day in 2026 when not given */
export function manualClock(startMs = Date.UTC(2026, 0, 15, 12)): ManualClock {
  let wallMs = startMs
  let monotonicMs = 0
  return {
    nowMs: () => wallMs,
    monotonicMs: () => monotonicMs,
    advance(ms) {
      wallMs += ms
      monotonicMs += ms
    },
    jumpTo(nowMs) {
      wallMs = nowMs
    },
  }
}
