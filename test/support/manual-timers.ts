import type { Timers } from '../../server/broker/system-clock.ts'

/** Time-outs that end when a test says so. */
export interface ManualTimers extends Timers {
  /** How many are under way. */
  readonly waiting: number
  /** Ends all that are under way now. */
  fire(): void
}

export function manualTimers(): ManualTimers {
  const runs = new Set<() => void>()
  return {
    get waiting() {
      return runs.size
    },
    after(_ms, run) {
      const once = () => run()
      runs.add(once)
      return () => runs.delete(once)
    },
    fire() {
      const due = [...runs]
      runs.clear()
      for (const run of due) run()
    },
  }
}
