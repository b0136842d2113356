import type { Clock } from '../../domain/clock.ts'
import type { Moment } from './known-queues.ts'
import type { Management } from './management.ts'
import { isListDue } from './pace.ts'
import type { QueueRow } from './queue-row.ts'

export interface ListAnswer {
  readonly rows: readonly QueueRow[]
  /** When it arrived. */
  readonly at: Moment
  /** Whether it was asked for in this collect, so that the counts of this collect are older than it. */
  readonly isOfThisCollect: boolean
}

interface Asked {
  /** Settles when the outcome is there; never rejects. */
  readonly settled: Promise<void>
  outcome: { readonly rows: readonly QueueRow[]; readonly at: Moment } | { readonly error: unknown } | null
}

/**
 * Reads the full list at its own pace. On a large or busy broker it takes longer than a collect may wait: it then
 * goes on beside the next ones, never two at a time, and is taken when it is there.
 */
export class ListReader {
  readonly #management: Management
  readonly #clock: Clock
  #asked: Asked | null = null
  #lastAtMs: number | null = null
  #tookMs = 0

  constructor(management: Management, clock: Clock) {
    this.#management = management
    this.#clock = clock
  }

  /** How long the last one took the broker. */
  get tookMs(): number {
    return this.#tookMs
  }

  /** A new list; null when none is due, or it is not there within `waitMs`. Throws OpsError when it failed. */
  async poll({
    isUrgent,
    waitMs,
    signal,
  }: {
    isUrgent: boolean
    waitMs: number
    signal: AbortSignal
  }): Promise<ListAnswer | null> {
    const nowMs = this.#clock.monotonicMs()
    const sinceMs = this.#lastAtMs === null ? null : nowMs - this.#lastAtMs
    const isWaiting = this.#asked !== null
    if (!isWaiting && !isListDue({ sinceMs, tookMs: this.#tookMs, isUrgent })) return null
    const asked = this.#asked ?? this.#ask(nowMs)
    await settledWithin(asked.settled, { waitMs, signal })
    if (!asked.outcome) return null
    this.#asked = null
    if ('error' in asked.outcome) throw asked.outcome.error
    return { ...asked.outcome, isOfThisCollect: !isWaiting }
  }

  /** The next one is due at once. */
  askAgain(): void {
    this.#lastAtMs = null
  }

  #ask(startMs: number): Asked {
    // Also when it fails: its pace holds for failures too.
    this.#lastAtMs = startMs
    const took = (): void => {
      this.#tookMs = this.#clock.monotonicMs() - startMs
    }
    const settled = this.#management.fullRows().then(
      (rows) => {
        took()
        asked.outcome = { rows, at: { wallMs: this.#clock.nowMs(), monotonicMs: this.#clock.monotonicMs() } }
      },
      (error: unknown) => {
        took()
        asked.outcome = { error }
      },
    )
    const asked: Asked = { settled, outcome: null }
    this.#asked = asked
    return asked
  }
}

async function settledWithin(
  settled: Promise<void>,
  { waitMs, signal }: { waitMs: number; signal: AbortSignal },
): Promise<void> {
  const ends: (() => void)[] = []
  const enough = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, waitMs)
    const end = (): void => resolve()
    signal.addEventListener('abort', end)
    ends.push(
      () => clearTimeout(timer),
      () => signal.removeEventListener('abort', end),
    )
    if (signal.aborted) resolve()
  })
  await Promise.race([settled, enough])
  for (const end of ends) end()
}
