import { OpsError } from '../../domain/errors.ts'

/** What bounds a worker. All have defaults; see `DEFAULT_LIMITS`. */
export interface WorkerLimits {
  /** How long a unit stays with a worker that is not heard from, ms. (Default: 5,000) Beats come every third of it. */
  readonly leaseMs: number
  /** An idle worker looks at least this often, ms, should every nudge be lost. (Default: 1,000) */
  readonly pollMs: number
  /** Time for work in hand at a shutdown, ms; then it goes back. (Default: 25,000) */
  readonly graceMs: number
  /** An item of an iterating run that takes longer is told as `stuck`, ms: a shutdown may not wait for it. (Default: 20,000) */
  readonly stuckMs: number
  /** Crashes at the same cursor after which a unit is dead as `poisoned`. (Default: 3) */
  readonly maxCrashes: number
  /** Dead units kept in each queue, and for how long, ms. (Default: 10,000 and 180 days) */
  readonly deadCap: number
  readonly deadMaxAgeMs: number
  /** Ended runs kept in each queue, to be looked at. (Default: 1,000) */
  readonly endedCap: number
}

export const DEFAULT_LIMITS: WorkerLimits = {
  leaseMs: 5_000,
  pollMs: 1_000,
  graceMs: 25_000,
  stuckMs: 20_000,
  maxCrashes: 3,
  deadCap: 10_000,
  deadMaxAgeMs: 180 * 86_400_000,
  endedCap: 1_000,
}

/** Fills in the defaults; throws OpsError `invalid` for what cannot work. */
export function workerLimits(given: Partial<WorkerLimits>): WorkerLimits {
  const limits = { ...DEFAULT_LIMITS, ...given }
  for (const [name, value] of Object.entries(limits)) {
    const least = name === 'leaseMs' ? 300 : name === 'pollMs' ? 10 : name === 'maxCrashes' ? 1 : 0
    if (!Number.isSafeInteger(value) || value < least) {
      throw new OpsError('invalid', 'worker', `${name}: expected an integer from ${least}, got ${value}`)
    }
  }
  return limits
}
