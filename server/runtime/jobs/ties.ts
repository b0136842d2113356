import { OpsError } from '../../domain/errors.ts'
import { nameFault } from '../layout/keys.ts'
import type { Job } from './definition.ts'

/** What ties a unit to others of its queue. */
export interface Ties {
  /** Before or after the others of its queue; how strictly, the worker says. (Default: `normal`) */
  readonly priority?: 'high' | 'normal' | 'low'
  readonly unique?: Unique
  /** At most one unit with this key is in hand at a time; the others wait for it, in their order. ≤ 200 characters. */
  readonly exclusive?: string
  /**
   * What is enqueued when this one has succeeded, one after the other, in the same queue. It waits while this one is dead,
   * and comes when an operator brings it to success.
   */
  readonly followedBy?: readonly Call[]
}

/** Of units with the same key only one is there. */
export interface Unique {
  /** ≤ 200 characters, within one queue. No white space or braces. */
  readonly key: string
  /** The key is free again when the unit is first started, or when it has ended, well or not. (Default: `done`) */
  readonly until?: 'started' | 'done'
  /** … and in any case after this time, ms, from 1. (Default: one day) */
  readonly ttlMs?: number
  /**
   * `skip`: the one that is there stays as it is. `replace`: it takes the new arguments while it waits, and keeps its place;
   * in a worker's hands it stays as it is. (Default: `skip`)
   */
  readonly onConflict?: 'skip' | 'replace'
}

/** A job with its arguments: what is to be enqueued later. Made by `call`. */
export interface Call {
  readonly job: Job<unknown>
  readonly args: unknown
}

export function call<Args>(job: Job<Args>, args: Args): Call {
  // Its own job alone is ever given these arguments.
  return { job: job as unknown as Job<unknown>, args }
}

const DAY_MS = 86_400_000
export const CALLS_MAX = 20

/** What `ENQUEUE` takes as a unit's last word. Throws OpsError `invalid`. */
export function encodeTies(
  ties: Ties & { readonly batch?: string; readonly chain?: string },
  iterates: boolean,
): string {
  const { priority = 'normal', unique, exclusive, batch, chain } = ties
  if (priority === 'normal' && !unique && exclusive === undefined && !batch && !chain) return iterates ? '1' : ''
  if (!['high', 'normal', 'low'].includes(priority)) {
    throw invalid(`priority: expected high, normal or low, got "${priority}"`)
  }
  if (exclusive !== undefined) requireKey('exclusive', exclusive)
  return JSON.stringify({
    iterates: iterates ? true : undefined,
    priority: priority === 'normal' ? undefined : priority,
    unique: unique && encodeUnique(unique),
    ...{ exclusive, batch },
    chain: chain || undefined,
  })
}

function encodeUnique({ key, until = 'done', ttlMs = DAY_MS, onConflict = 'skip' }: Unique): Required<Unique> {
  requireKey('unique.key', key)
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1) throw invalid(`unique.ttlMs: expected whole ms from 1, got ${ttlMs}`)
  return { key, until, ttlMs, onConflict }
}

function requireKey(what: string, key: string): void {
  const fault = nameFault(key)
  if (fault !== null) throw invalid(`${what} "${key}": it ${fault}`)
}

function invalid(why: string): OpsError {
  return new OpsError('invalid', 'enqueue', why)
}
