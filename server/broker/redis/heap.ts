import { getHeapStatistics } from 'node:v8'
import { collectGarbage, usedBytes } from './garbage.ts'

/** A forced collection stops the thread for a moment: not more often than this. */
const COLLECT_EVERY_MS = 2_000
/** Of the heap's limit: the rest is for what is under way. */
const HEAP_SHARE = 0.85

/**
 * Whether this thread's heap is over a limit. The figure holds garbage too, so before it is believed the garbage is collected once: a
 * write refused for what nobody needs any more would be wrong.
 */
export class Heap {
  readonly #monotonicMs: () => number
  #collectedAtMs = Number.NEGATIVE_INFINITY

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs
  }

  /** @param limitBytes 0: none but that of the heap itself, past which the thread would end. */
  isOver(limitBytes: number): boolean {
    const ownLimit = HEAP_SHARE * getHeapStatistics().heap_size_limit
    const limit = limitBytes === 0 ? ownLimit : Math.min(limitBytes, ownLimit)
    if (usedBytes() <= limit) return false
    const nowMs = this.#monotonicMs()
    if (nowMs - this.#collectedAtMs >= COLLECT_EVERY_MS) {
      this.#collectedAtMs = nowMs
      collectGarbage()
    }
    return usedBytes() > limit
  }
}
