import type { Clock } from './clock.ts'
import type { Control } from './control.ts'
import type { Action, ActionResult, ErrorGroup, JobPage, JobQuery } from './job.ts'
import type { Log } from './log.ts'
import type { Reference } from './reference.ts'
import type { SagaDetails, SagaOrder, SagaScan } from './saga.ts'
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
  /** How to act on it; absent where Sluice only reads. */
  readonly controls?: ControlPort
  readonly jobs?: JobPort
  readonly sagas?: SagaPort
  /** Closes every socket and timer. Idempotent. */
  close(): Promise<void>
}

/** A control that is to be placed: its source gives it its times, by its own clock. */
export interface ControlRequest extends Omit<Control, 'issuedAtMs' | 'expiresAtMs'> {
  /** Life from now on, ms. */
  readonly ttlMs: number
}

/**
 * What putting back came to. `there`: nothing was missing any more. `lifted`: somebody, perhaps by another dashboard, lifted
 * it; it must not come back.
 */
export type PutBack = 'placed' | 'there' | 'expired' | 'lifted'

/**
 * Placing and lifting controls. Each call is idempotent: the same id and revision again change nothing, an older revision
 * never replaces a newer one. Rejects with OpsError; after a `timeout` it is not known whether it was done, and the next
 * snapshot tells.
 */
export interface ControlPort {
  /** Places it, or replaces an older revision of it, wherever its target lies. @returns it with its times */
  apply(request: ControlRequest, signal: AbortSignal): Promise<Control>
  /**
   * Places again, with its old end, what is missing somewhere. Does nothing when it has expired, or when somebody lifted
   * it: two dashboards on one source must not undo each other.
   */
  putBack(control: Control, signal: AbortSignal): Promise<PutBack>
  /**
   * Lifts this one only. What is not there is lifted already. Its id stays known there as lifted until its end (or
   * `CONTROL_TTL_MS.max` when that is not known), so that neither `putBack` nor a late `apply` brings it back.
   */
  lift(id: string, target: Reference, signal: AbortSignal): Promise<void>
}

/** Looking at single units and acting on them. Read only when somebody asks; every call is bounded. */
export interface JobPort {
  page(query: JobQuery, signal: AbortSignal): Promise<JobPage>
  /** Groups what failed, over at most 10,000 units in `retrying` and `dead`. */
  errorGroups(queue: string, signal: AbortSignal): Promise<readonly ErrorGroup[]>
  /** Results in the order of the ids. */
  perform(action: Action, signal: AbortSignal): Promise<readonly ActionResult[]>
}

/** One saga: the tail of its queue's reference, and its id. */
export interface SagaKey {
  readonly queue: string
  readonly id: string
}

/** Looking at sagas and repairing them. Read only when somebody asks; every call is bounded. Rejects with OpsError. */
export interface SagaPort {
  /** At most `SAGAS_LOOKED_MAX` of one queue: those that are over, the latest first; or the others, the stuck first. */
  scan(queue: string, isEnded: boolean, signal: AbortSignal): Promise<SagaScan>
  /** Null = there is none, or it was forgotten. */
  show(saga: SagaKey, signal: AbortSignal): Promise<SagaDetails | null>
  /** `not-now` says why its state does not allow it; nothing has changed then. */
  act(saga: SagaKey, order: SagaOrder, signal: AbortSignal): Promise<ActionResult>
}

/** What every source is given besides its own configuration. */
export interface SourceContext {
  readonly id: string
  readonly clock: Clock
  readonly log: Log
}
