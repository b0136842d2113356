/** Rates are read off lifetime counters over about a minute. */
const WINDOW_MS = 60_000
const SAMPLES = 32

/**
 * The last minute of some lifetime counters of one thing. Units per second come from the oldest and newest sample;
 * a counter that fell (restart, re-creation) or was unknown begins anew.
 */
export class Counters {
  readonly #width: number
  readonly #points: Float64Array
  #count = 0

  constructor(width: number) {
    this.#width = width
    this.#points = new Float64Array(SAMPLES * (width + 1))
  }

  /** Adds a sample. Samples closer than a thirtieth of the window replace the newest, so the ring spans the window. */
  add(atMs: number, values: readonly (number | null)[]): void {
    const newest = this.#at(this.#count - 1)
    const before = this.#at(this.#count - 2)
    const replaces = this.#count > 1 && atMs - (this.#points[before] ?? 0) < WINDOW_MS / (SAMPLES - 2)
    const base = replaces ? newest : this.#at(this.#count++)
    this.#points[base] = atMs
    for (let index = 0; index < this.#width; index++) this.#points[base + 1 + index] = values[index] ?? Number.NaN
  }

  /** Units per second of one counter over the last minute; null until two samples at least a second apart are known. */
  perSecond(counter: number): number | null {
    const kept = Math.min(this.#count, SAMPLES)
    const newest = this.#at(this.#count - 1)
    const endMs = this.#points[newest] ?? 0
    const end = this.#points[newest + 1 + counter] ?? Number.NaN
    let found: number | null = null
    let later = end
    for (let back = 2; back <= kept; back++) {
      const base = this.#at(this.#count - back)
      const atMs = this.#points[base] ?? 0
      const value = this.#points[base + 1 + counter] ?? Number.NaN
      if (Number.isNaN(end) || Number.isNaN(value) || value > later || endMs - atMs > WINDOW_MS) break
      if (endMs - atMs >= 1_000) found = ((end - value) * 1_000) / (endMs - atMs)
      later = value
    }
    return found
  }

  #at(sample: number): number {
    return (((sample % SAMPLES) + SAMPLES) % SAMPLES) * (this.#width + 1)
  }
}
