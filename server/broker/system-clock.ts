import type { Clock } from '../domain/clock.ts'

/** The machine's clocks, for brokers: they run in a thread of their own, where nobody can hand them one. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}

/** Time-outs as a port, so that a test decides when they are over. */
export interface Timers {
  /** Calls back once, `ms` from now; the result calls it off. */
  after(ms: number, run: () => void): () => void
}

/** Longer ones than Node's timers can hold (24.8 days) end then. */
const LONGEST_MS = 2 ** 31 - 1

export const systemTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, LONGEST_MS))
    return () => clearTimeout(timer)
  },
}
