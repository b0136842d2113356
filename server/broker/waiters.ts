import type { Timers } from './system-clock.ts'

export interface Waiting {
  readonly keys: readonly string[]
  /** 0: for ever. */
  readonly timeoutMs: number
  /** Tries too when a key is gone: who must hear of its end. */
  readonly alsoWhenGone?: boolean
  /** Takes what it waits for at the key that changed, and answers; false: nothing for it. Must not park or wake anybody itself. */
  tryNow(key: string): boolean
  /** The time is over: nothing was taken, and `tryNow` is not called any more. */
  onTimeout(): void
}

/** One who waits. */
export interface Parked {
  /** Goes away with nothing: a closed connection. Neither `tryNow` nor `onTimeout` is called any more. */
  leave(): void
}

interface Place extends Waiting {
  cancelTimer: (() => void) | null
}

/**
 * Who waits for which keys: a blocking pop, a fetch, a join. First come, first served for each key. A key that changed is looked at by
 * `serve`, once the request that changed it has ended.
 */
export class Waiters {
  readonly #timers: Timers
  readonly #queues = new Map<string, Set<Place>>()
  readonly #changed = new Set<string>()
  /** How many wait with `alsoWhenGone`. */
  #watchful = 0

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Keys somebody waits for. */
  get size(): number {
    return this.#queues.size
  }
  hasChanged(): boolean {
    return this.#changed.size > 0
  }

  park(waiting: Waiting): Parked {
    const place: Place = { ...waiting, cancelTimer: null }
    if (place.alsoWhenGone) this.#watchful++
    for (const key of place.keys) {
      const queue = this.#queues.get(key)
      if (queue === undefined) this.#queues.set(key, new Set([place]))
      else queue.add(place)
    }
    if (place.timeoutMs > 0) {
      const timeOut = () => {
        this.#leave(place)
        place.onTimeout()
      }
      place.cancelTimer = this.#timers.after(place.timeoutMs, timeOut)
    }
    return { leave: () => this.#leave(place) }
  }

  changed(key: string): void {
    if (this.#queues.has(key)) this.#changed.add(key)
  }

  /**
   * Lets those who wait for changed keys try, in their order, until nothing is left to try.
   * @param isLeft whether there is still anything at a key: if not, those behind need not try
   */
  serve(isLeft: (key: string) => boolean): void {
    for (const key of this.#changed) {
      this.#changed.delete(key)
      for (const place of this.#queues.get(key) ?? []) {
        if (!isLeft(key)) {
          if (this.#watchful === 0) break
          if (!place.alsoWhenGone) continue
        }
        if (place.tryNow(key)) this.#leave(place)
      }
    }
  }

  #leave(place: Place): void {
    place.cancelTimer?.()
    place.cancelTimer = null
    let wasThere = false
    for (const key of place.keys) {
      const queue = this.#queues.get(key)
      if (!queue?.delete(place)) continue
      wasThere = true
      if (queue.size === 0) this.#queues.delete(key)
    }
    if (wasThere && place.alsoWhenGone) this.#watchful--
  }
}
