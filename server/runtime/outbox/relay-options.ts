import type { Clock } from '../../domain/clock.ts'
import { OpsError } from '../../domain/errors.ts'
import type { Retries } from '../jobs/backoff.ts'
import { type Chance, systemChance, systemClock } from '../system-clock.ts'
import type { Database } from './database.ts'

export interface RelayOptions {
  /** Its own connection or pool, used outside any transaction. */
  readonly database: Database
  /** An idle relay looks at least this often, ms, from 10. (Default: 500) */
  readonly pollMs?: number
  /** Rows of one queue moved at a time, 1 to 500. (Default: 200) */
  readonly batch?: number
  /** How long other relays leave a batch alone, ms, from 1,000: after a crash its rows wait this long. (Default: 15,000) */
  readonly leaseMs?: number
  /** Of a row that Redis or the runtime refuses; after the last it is parked. (Defaults: 8 retries, 1 s doubling up to 5 min) */
  readonly retries?: Partial<Retries>
  /** Sent rows are kept this long, ms, from 120,000, to be looked at. (Default: one day) */
  readonly keepSentMs?: number
  /**
   * Listens to the database, to be quicker than the poll: calls `nudge` when something may have been staged; returns how to
   * stop listening. Nothing depends on a nudge arriving.
   */
  readonly listen?: (nudge: () => void) => (() => unknown) | Promise<() => unknown>
  /** Logs and metrics. */
  readonly onEvent?: (event: RelayEvent) => void
  /** For tests. (Default: this machine's) */
  readonly clock?: Clock
  readonly chance?: Chance
}

/** What a relay did. `again`: units of a batch that were in Redis already, from an attempt that nobody could report. */
export type RelayEvent =
  | { readonly what: 'sent'; readonly queue: string; readonly units: number; readonly again: number }
  | {
      readonly what: 'failed'
      readonly queue: string
      readonly id: string
      readonly error: string
      readonly delayMs: number
    }
  | { readonly what: 'parked'; readonly queue: string; readonly id: string; readonly error: string }
  | { readonly what: 'cleaned'; readonly rows: number }
  | { readonly what: 'fault'; readonly op: string; readonly error: unknown }

/** All of them, with the defaults filled in. */
export interface RelaySettings extends Required<Omit<RelayOptions, 'retries' | 'listen'>> {
  readonly retries: Retries
  readonly listen: RelayOptions['listen']
}

/** How long what was moved is remembered in Redis after the database has it as sent, ms. */
export const REMEMBER_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const DEFAULT_RETRIES: Retries = { limit: 8, baseMs: 1_000, maxMs: 300_000 }

/** Throws OpsError `invalid`. */
export function relaySettings(options: RelayOptions): RelaySettings {
  const retries = { ...DEFAULT_RETRIES, ...options.retries }
  for (const name of ['limit', 'baseMs', 'maxMs'] as const) whole(`retries.${name}`, retries[name], [0, DAY_MS])
  return {
    database: options.database,
    pollMs: whole('pollMs', options.pollMs ?? 500, [10, HOUR_MS]),
    batch: whole('batch', options.batch ?? 200, [1, 500]),
    leaseMs: whole('leaseMs', options.leaseMs ?? 15_000, [1_000, HOUR_MS]),
    keepSentMs: whole('keepSentMs', options.keepSentMs ?? DAY_MS, [2 * REMEMBER_MS, 3_650 * DAY_MS]),
    retries,
    listen: options.listen,
    onEvent: options.onEvent ?? (() => {}),
    clock: options.clock ?? systemClock,
    chance: options.chance ?? systemChance,
  }
}

function whole(name: string, value: number, [least, most]: readonly [number, number]): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value
  throw new OpsError('invalid', 'relay', `${name}: expected an integer from ${least} to ${most}, got ${value}`)
}
