import type { Chance } from '../system-clock.ts'

/** When a failed attempt comes again. */
export interface Retries {
  /** Failed attempts after which the unit is given up; 0 = the first failure is the last. (Default: 25) */
  readonly limit: number
  /** Upper bound of the first wait, ms; it doubles with every failure. (Default: 1,000) */
  readonly baseMs: number
  /** Upper bound of every wait, ms. (Default: 3,600,000) */
  readonly maxMs: number
}

export const DEFAULT_RETRIES: Retries = { limit: 25, baseMs: 1_000, maxMs: 3_600_000 }

/**
 * Full jitter: anything from 0 to the bound, evenly. What failed together does not come back together.
 * @param failures so far, this one included (≥ 1)
 * @returns ms, whole
 */
export function backoffMs(retries: Retries, failures: number, chance: Chance): number {
  const bound = Math.min(retries.maxMs, retries.baseMs * 2 ** Math.min(failures - 1, 40))
  return Math.floor(chance() * (bound + 1))
}
