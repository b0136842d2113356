import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** A forced collection stops the thread for a moment: not more often than this. */
const COLLECT_EVERY_MS = 2_000

/**
 * Memory in use by this thread's heap. The figure holds garbage too, so before it is believed to be over a limit the garbage is
 * collected once: a write refused for what nobody needs any more would be wrong.
 */
export class Heap {
  readonly #monotonicMs: () => number
  #collectedAtMs = Number.NEGATIVE_INFINITY
  #collect: (() => void) | null = null

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs
  }

  usedBytes(): number {
    const { used_heap_size, external_memory } = getHeapStatistics()
    return used_heap_size + external_memory
  }

  /** @param limitBytes 0: none */
  usedBytesAgainst(limitBytes: number): number {
    const used = this.usedBytes()
    const nowMs = this.#monotonicMs()
    if (limitBytes === 0 || used <= limitBytes || nowMs - this.#collectedAtMs < COLLECT_EVERY_MS) return used
    this.#collectedAtMs = nowMs
    this.#collect ??= collector()
    this.#collect()
    return this.usedBytes()
  }
}

function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
