/** Where a saga stands: steps in order, each with what undoes it (`runtime/layout/saga-state.ts` has the moves). */
export const SAGA_STATUSES = ['running', 'compensating', 'stuck', 'succeeded', 'compensated', 'abandoned'] as const
export type SagaStatus = (typeof SAGA_STATUSES)[number]

/** Nothing more is done, unless a person turns back one that succeeded. */
export function isOver(status: SagaStatus): boolean {
  return status === 'succeeded' || status === 'compensated' || status === 'abandoned'
}

/** Something is to be done, and needs nobody to say how. */
export function isMoving(status: SagaStatus): boolean {
  return status === 'running' || status === 'compensating'
}

/** What a list of sagas can be narrowed to: all that are not over, those that need somebody, those that are over, or one status. */
export const SAGA_SHOWN = ['open', 'trouble', 'ended', ...SAGA_STATUSES] as const

export type StepStatus =
  | 'pending' // never begun
  | 'running' // begun; what it did is not known before it has ended
  | 'retrying' // failed, waits for its back-off
  | 'succeeded'
  | 'failed' // given up
  | 'skipped' // a person said to go on without it
  | 'compensating' // its compensation has begun
  | 'compensation-retrying'
  | 'compensated'
  | 'compensation-failed' // given up
  | 'waived' // a person said that it need not be compensated

const UNDONE: ReadonlySet<StepStatus> = new Set(['compensated', 'waived', 'pending'])

/** Whatever was begun may have happened, so it is undone, however it ended. */
export function isToUndo(step: Pick<SagaStep, 'attempts' | 'status' | 'isCompensable'>): boolean {
  return step.attempts > 0 && !UNDONE.has(step.status) && step.isCompensable
}

/** What a person can do with one saga. The first two are about the step at which it stands. */
export const SAGA_ACTS = ['retry-step', 'skip-step', 'compensate', 'abandon'] as const
export type SagaAct = (typeof SAGA_ACTS)[number]

/** One saga in a list. */
export interface SagaSummary {
  readonly id: string
  /** Of its definition, also the name of its job. */
  readonly name: string
  readonly status: SagaStatus
  /** The step that comes next, or at which a stuck saga waits for a person; null when it is over, or not told. */
  readonly step: string | null
  /** Of that step's last failure, one line. */
  readonly error: string | null
  /** Something is to be done and no job is there to do it: it died, or was discarded. `retry-step` mends it. */
  readonly isStalled: boolean
  /** By the clock of its source, Unix ms. */
  readonly startedAtMs: number
  readonly changedAtMs: number
}

export interface SagaStep {
  readonly name: string
  readonly status: StepStatus
  /** Times it was begun, and times its compensation was. */
  readonly attempts: number
  readonly compensations: number
  /** Of the last failure. */
  readonly error: string | null
  /** Why a person skipped it. */
  readonly reason: string | null
  /** Not to be tried before, Unix ms. */
  readonly notBeforeMs: number | null
  readonly isCompensable: boolean
  /** JSON text, secrets redacted, cut at `RESULT_SHOWN_MAX` bytes; null = none. */
  readonly result: string | null
}

export interface SagaDetails extends SagaSummary {
  /** Why it was turned back or abandoned. */
  readonly reason: string | null
  /** JSON text, secrets redacted, cut at `RESULT_SHOWN_MAX` bytes. */
  readonly args: string
  readonly steps: readonly SagaStep[]
  readonly endedAtMs: number | null
  /** Id of the run that goes on with it; null = none needs to. */
  readonly run: string | null
  /** What can be done with it as it is now. */
  readonly offers: readonly SagaOffer[]
}

/** One thing that a person can do now; `step` is null where it is about the whole saga. */
export interface SagaOffer {
  readonly act: SagaAct
  readonly step: string | null
}

export const RESULT_SHOWN_MAX = 4_096
/** Sagas of one queue that are looked at for one list: the stuck first, then the oldest. */
export const SAGAS_LOOKED_MAX = 1_000

export interface SagaScan {
  readonly sagas: readonly SagaSummary[]
  /** In the queue, those included that were not looked at. */
  readonly total: number
}

/** What a person wants done with one saga. */
export interface SagaOrder {
  readonly act: SagaAct
  /** For `retry-step` null = the one at which it stands. `skip-step` needs one, the others have none. */
  readonly step: string | null
  /** Kept with it. */
  readonly reason: string
}
