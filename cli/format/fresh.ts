import type { Freshness, SourceAge } from '../../server/api/freshness.ts'
import { sourceTrouble } from '../columns/source-columns.ts'
import { formatAge, formatClock } from './figures.ts'
import { inert } from './inert.ts'

/** `rabbit-1: last seen 14:03:12 (2m ago) · connection refused, next try in 8s`, for each source that is not live. */
export function lateSources({ asOfMs, sources }: Freshness): string[] {
  return sources
    .filter(({ state }) => state !== 'live')
    .map((source) => `${inert(source.source)}: ${lastSeen(source, asOfMs)}`)
}

export function lastSeen(source: SourceAge, nowMs: number): string {
  const { observedAtMs } = source
  const trouble = sourceTrouble(source, nowMs)
  if (observedAtMs === null) return trouble ?? 'never seen'
  const ago = formatAge(Math.max(0, nowMs - observedAtMs))
  const seen = `last seen ${formatClock(observedAtMs)} (${ago} ago)`
  return trouble === null ? seen : `${seen} · ${trouble}`
}

/** True when nothing can be said for sure about what these sources hold. */
export function hasUnknown({ sources }: Freshness): boolean {
  return sources.some(({ state }) => state === 'stale' || state === 'waiting')
}
