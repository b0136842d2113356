import type { Clock } from '../domain/clock.ts'

const MINUTE_MS = 60_000

/** At most so many of something a minute, for each name. */
export class Pace {
  readonly #clock: Clock
  readonly #perMinute: number
  readonly #times = new Map<string, number[]>()

  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock
    this.#perMinute = perMinute
  }

  /** Counts one. @returns null, or how long to wait, s */
  take(name: string): number | null {
    const nowMs = this.#clock.monotonicMs()
    for (const [known, times] of this.#times)
      if ((times[times.length - 1] ?? 0) < nowMs - MINUTE_MS) this.#times.delete(known)
    const times = (this.#times.get(name) ?? []).filter((atMs) => nowMs - atMs < MINUTE_MS)
    this.#times.set(name, times)
    const [oldest] = times
    if (oldest !== undefined && times.length >= this.#perMinute)
      return Math.max(1, Math.ceil((oldest + MINUTE_MS - nowMs) / 1_000))
    times.push(nowMs)
    return null
  }
}
