/** Statuses of one execution of an iterating job. */
export type RunStatus =
  | 'queued'
  | 'running'
  | 'pausing'
  | 'paused'
  | 'throttled'
  | 'cancelling'
  | 'cancelled'
  | 'interrupted'
  | 'succeeded'
  | 'failed'

/** One execution of an iterating job. */
export interface Run {
  readonly id: string
  readonly job: string
  readonly queue: string
  readonly system: string
  readonly status: RunStatus
  readonly attempt: number
  readonly interruptions: number
  /** Iterations done and expected; null when the system does not tell. */
  readonly tickCount: number | null
  readonly tickTotal: number | null
  readonly cursor: string | null
  readonly startedAtMs: number | null
  readonly tickedAtMs: number | null
  /** Time spent running, pauses left out: the base of any estimate. Null when it cannot be told. */
  readonly runningMs: number | null
  readonly error: string | null
}
