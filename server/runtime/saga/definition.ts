import { OpsError } from '../../domain/errors.ts'
import type { Retries } from '../jobs/backoff.ts'
import type { Json } from '../jobs/cursor.ts'
import { requireName } from '../jobs/definition.ts'
import type { Plan } from '../layout/saga-state.ts'

/** What a step knows while it runs, or while it is compensated. */
export interface StepContext<Args> {
  readonly saga: string
  readonly step: string
  readonly args: Args
  /** Results by step, of those that succeeded; a compensation finds its own step's here, if there was one. */
  readonly results: Readonly<Record<string, Json>>
  /** Counts from 1, crashes included; for a compensation, its own. */
  readonly attempt: number
  /**
   * Idempotency keys for other systems. `key` is the same in every attempt: what was done under it is not done again.
   * `attemptKey` differs. A compensation has keys of its own.
   */
  readonly key: string
  readonly attemptKey: string
  /** Aborted when the time is up or the lease is lost: what still runs then has no say any more. */
  readonly signal: AbortSignal
}

export interface Step<Args> {
  /** Unique in the saga. No white space or braces. */
  readonly name: string
  /** Does it. What it returns is kept (JSON, at most 64 KB; nothing = null). May run more than once, also after a crash. */
  readonly run: (context: StepContext<Args>) => unknown
  /**
   * Undoes it. Also called when `run` failed, timed out or crashed: nobody knows how far it came, so it must bear that there
   * is nothing to undo. None = there is nothing to be undone, ever.
   */
  readonly compensate?: (context: StepContext<Args>) => unknown
  /** Of one attempt of either, ms. (Default: 30,000) */
  readonly timeoutMs?: number
  /** Of `run`. (Default: 3 retries, 1 s doubling up to 60 s) `FinalError` is not tried again. */
  readonly retries?: Partial<Retries>
  /** Of `compensate`; after the last the saga is stuck, for a person. (Default: 10 retries, 1 s doubling up to 10 min) */
  readonly compensationRetries?: Partial<Retries>
  /** When it is given up: turn back, or be stuck until a person says how to go on. (Default: `compensate`) */
  readonly onFailure?: 'compensate' | 'wait'
}

export interface SagaDefinition<Args> {
  /** Also the name of its job. */
  readonly name: string
  /** Of its arguments, as for jobs. (Default: 1) */
  readonly version?: number
  /** (Default: `default`) */
  readonly queue?: string
  /** Checks and shapes arguments, as for jobs. */
  readonly args: (value: unknown, version: number) => Args
  /** In order, 1 to 100. A saga keeps the steps that it began with; give changed work a new name. */
  readonly steps: readonly Step<Args>[]
  /** Sagas that are over and kept to be looked at. (Default: 1,000) */
  readonly endedCap?: number
}

export const STEP_TIMEOUT_MS = 30_000
export const RUN_RETRIES: Retries = { limit: 3, baseMs: 1_000, maxMs: 60_000 }
export const COMPENSATION_RETRIES: Retries = { limit: 10, baseMs: 1_000, maxMs: 600_000 }
export const ENDED_CAP = 1_000
const STEPS_MAX = 100
/** The longest that a timer of Node.js can wait. */
const TIMER_MS_MAX = 2_147_483_647

/** Throws OpsError `invalid`. */
export function requireSteps<Args>({ name, steps, endedCap = 0 }: SagaDefinition<Args>): void {
  const invalid = (why: string) => new OpsError('invalid', 'defineSaga', `saga "${name}": ${why}`)
  if (steps.length < 1 || steps.length > STEPS_MAX)
    throw invalid(`steps: expected 1 to ${STEPS_MAX}, got ${steps.length}`)
  if (!Number.isSafeInteger(endedCap) || endedCap < 0)
    throw invalid(`endedCap: expected an integer from 0, got ${endedCap}`)
  const names = new Set<string>()
  for (const { name: step, timeoutMs = STEP_TIMEOUT_MS } of steps) {
    requireName('step', step)
    if (names.has(step)) throw invalid(`step "${step}" is there twice`)
    if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > TIMER_MS_MAX) {
      throw invalid(`step "${step}": timeoutMs: expected whole ms from 1, got ${timeoutMs}`)
    }
    names.add(step)
  }
}

/** What is kept of the steps when a saga begins. */
export function planOf<Args>({ steps }: SagaDefinition<Args>): Plan {
  return (name) => {
    const step = steps.find((one) => one.name === name)
    return { isCompensable: step?.compensate !== undefined, onFailure: step?.onFailure ?? 'compensate' }
  }
}

/** The plan that a saga began with, for a program that may not know all its steps: at those it waits for a person. */
export function planIn<Args>({ steps }: SagaDefinition<Args>, kept: Plan): Plan {
  return (name) => (steps.some((step) => step.name === name) ? kept(name) : { ...kept(name), onFailure: 'wait' })
}
