/**
 * The last hour of a few figures for many names, in steps: bounded by design, `names × series × steps × 4` bytes.
 * A step keeps the last value written in it; a step nobody wrote is NaN, read back as null.
 */
export class History {
  readonly stepMs: number
  readonly steps: number
  readonly #series: readonly string[]
  readonly #rings = new Map<string, Ring>()

  constructor({ series, stepMs, windowMs }: { series: readonly string[]; stepMs: number; windowMs: number }) {
    this.#series = series
    this.stepMs = stepMs
    this.steps = Math.ceil(windowMs / stepMs)
  }

  /** Values in the order of the series; null = unknown. Writing into the past is ignored. */
  record(name: string, atMs: number, values: readonly (number | null)[]): void {
    const step = Math.floor(atMs / this.stepMs)
    let ring = this.#rings.get(name)
    if (!ring) {
      ring = { lastStep: step, points: new Float32Array(this.steps * this.#series.length).fill(Number.NaN) }
      this.#rings.set(name, ring)
    }
    if (step < ring.lastStep) return
    this.#forget(ring, step)
    values.forEach((value, index) => {
      ring.points[this.#at(index, step)] = value ?? Number.NaN
    })
  }

  /** Value of one series at a moment; null when unknown, or outside the window. */
  valueAt(name: string, series: string, atMs: number): number | null {
    const ring = this.#rings.get(name)
    const step = Math.floor(atMs / this.stepMs)
    if (!ring || step > ring.lastStep || step <= ring.lastStep - this.steps) return null
    return known(ring.points[this.#at(this.#series.indexOf(series), step)])
  }

  /** The whole window up to `nowMs`, oldest first. */
  read(name: string, nowMs: number): { startMs: number; stepMs: number; series: Record<string, (number | null)[]> } {
    const series = Object.fromEntries(
      this.#series.map((one) => [one, this.points(name, one, { nowMs, count: this.steps })]),
    )
    const first = Math.floor(nowMs / this.stepMs) - this.steps + 1
    return { startMs: first * this.stepMs, stepMs: this.stepMs, series }
  }

  /** `count` points of one series over the whole window, each the last known value of its share of the steps. */
  points(name: string, series: string, { nowMs, count }: { nowMs: number; count: number }): (number | null)[] {
    const ring = this.#rings.get(name)
    const column = this.#series.indexOf(series)
    const end = Math.floor(nowMs / this.stepMs)
    const share = this.steps / count
    return Array.from({ length: count }, (_, point) => {
      if (!ring) return null
      const from = end - this.steps + 1 + Math.floor(point * share)
      for (let step = end - this.steps + Math.floor((point + 1) * share); step >= from; step--) {
        if (step > ring.lastStep || step <= ring.lastStep - this.steps) continue
        const value = known(ring.points[this.#at(column, step)])
        if (value !== null) return value
      }
      return null
    })
  }

  /** Drops the names that were not written for a whole window. */
  prune(nowMs: number): void {
    const oldest = Math.floor(nowMs / this.stepMs) - this.steps
    for (const [name, ring] of this.#rings) if (ring.lastStep <= oldest) this.#rings.delete(name)
  }

  /** Clears the steps between the last one written and the one to write. */
  #forget(ring: Ring, step: number): void {
    const from = Math.max(ring.lastStep + 1, step - this.steps + 1)
    for (let passed = from; passed <= step; passed++) {
      for (let index = 0; index < this.#series.length; index++) ring.points[this.#at(index, passed)] = Number.NaN
    }
    ring.lastStep = step
  }

  #at(series: number, step: number): number {
    return series * this.steps + (step % this.steps)
  }
}

interface Ring {
  lastStep: number
  /** One stretch of `steps` per series. */
  readonly points: Float32Array
}

function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : Math.round(value * 1000) / 1000
}
