import type { SourceAge } from '../../server/api/freshness.ts'

/**
 * The state of a source at this moment, as the page must show it: what the server said last, made worse by the time
 * that passed since. A page that lost its server so sees everything turn late and stale by itself.
 */
export function sourceStateAt(age: SourceAge, nowMs: number): SourceAge['state'] {
  if (age.observedAtMs === null || age.state === 'stale') return age.state
  const old = nowMs - age.observedAtMs
  if (old > 5 * age.intervalMs) return 'stale'
  if (old > 2 * age.intervalMs) return 'late'
  return age.state
}
