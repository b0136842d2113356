import type { SourceAge } from '../api/freshness.ts'
import type { SourceKind } from '../domain/snapshot.ts'

/** What is known of the last tries to read one source. */
export interface Standing {
  readonly source: string
  readonly kind: SourceKind
  /** Present pace of reading, ms. */
  readonly intervalMs: number
  /** When the last good snapshot was taken, on both clocks; null = none yet. */
  readonly observedAtMs: number | null
  readonly observedMonotonicMs: number | null
  /** Of the last try; null = it was good. */
  readonly error: { readonly code: string; readonly message: string } | null
  /** The error is only that the try in hand is slow: it may yet be good. */
  readonly pending: boolean
  readonly nextTryAtMs: number | null
  readonly gaps: number
}

/** live ≤ 2 intervals old, late ≤ 5, stale older or failed; waiting = nothing read and nothing failed yet. */
export function stateOf(standing: Standing, monotonicMs: number): SourceAge['state'] {
  if (standing.error && !standing.pending) return 'stale'
  if (standing.observedMonotonicMs === null) return standing.error ? 'stale' : 'waiting'
  const age = monotonicMs - standing.observedMonotonicMs
  if (age > 5 * standing.intervalMs) return 'stale'
  return age > 2 * standing.intervalMs || standing.error ? 'late' : 'live'
}

export function ageOf(standing: Standing, monotonicMs: number): SourceAge {
  const { source, kind, intervalMs, observedAtMs, nextTryAtMs, error, gaps } = standing
  return { source, kind, state: stateOf(standing, monotonicMs), observedAtMs, intervalMs, nextTryAtMs, error, gaps }
}
