import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import type { Snapshot, SourceKind } from './snapshot.ts'

/** What a refresh is asked for. */
export interface CollectRequest {
  /** Aborted at the collector's deadline. A source also has deadlines of its own for each call. */
  readonly signal: AbortSignal
  /** References (tails) of queues, topics and groups that somebody looks at now (≤ 100): worth reading in full. */
  readonly watched: readonly string[]
}

/**
 * One connected system. Reading never writes to it.
 * A source connects lazily inside `collect`, reconnects by itself at the next one, and never lets a client library
 * retry or wait without a bound.
 */
export interface Source {
  readonly id: string
  readonly kind: SourceKind
  /**
   * Reads one snapshot. What could not be read becomes a Gap; rejects with OpsError only when nothing at all could be.
   * Never called again before the last promise settled.
   */
  collect(request: CollectRequest): Promise<Snapshot>
  /** Closes every socket and timer. Idempotent. */
  close(): Promise<void>
}

/** What every source is given besides its own configuration. */
export interface SourceContext {
  readonly id: string
  readonly clock: Clock
  readonly log: Log
}
