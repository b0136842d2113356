import type { Clock } from './domain/clock.ts'

/** The machine's clocks: the only place where the server reads them. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}
