import { messageOf } from '../../domain/errors.ts'
import type { Chance } from '../system-clock.ts'
import { backoffMs } from './backoff.ts'
import type { Job } from './definition.ts'
import type { Outcome } from './pump.ts'
import type { Unit } from './unit.ts'

/** An error that no further attempt can mend; `reason` says why the unit is dead. */
export class FinalError extends Error {
  readonly reason: string

  constructor(reason: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'FinalError'
    this.reason = reason
  }
}

/** The arguments of a claimed unit, checked by the definition that runs them. */
export function argsOf<Args>(job: Job<Args>, unit: Unit): Args {
  if (unit.version > job.version) {
    throw new Error(`arguments of version ${unit.version}; this worker knows job "${job.name}" up to ${job.version}`)
  }
  try {
    return job.definition.args(JSON.parse(unit.argsJson), unit.version)
  } catch (cause) {
    throw new FinalError('invalid-args', `its arguments were refused: ${messageOf(cause)}`, cause)
  }
}

const MESSAGE_MAX = 2_000

/** What a failed attempt leads to: another one after a back-off, or the dead. */
export function afterFailure(job: Job<unknown> | undefined, unit: Unit, error: unknown, chance: Chance): Outcome {
  const message = messageOf(error).slice(0, MESSAGE_MAX)
  const failures = unit.state.failures + 1
  if (error instanceof FinalError) return { how: 'bury', reason: error.reason, message }
  if (job?.definition.classify?.(error) === 'dead') return { how: 'bury', reason: 'refused-by-classifier', message }
  const retries = job?.retries ?? UNKNOWN_JOB_RETRIES
  if (failures > retries.limit) return { how: 'bury', reason: 'retries-exhausted', message }
  return { how: 'retry', delayMs: backoffMs(retries, failures, chance), message }
}

/** A job that this worker does not know may be known to one that is being deployed now. */
const UNKNOWN_JOB_RETRIES = { limit: 25, baseMs: 1_000, maxMs: 3_600_000 }
