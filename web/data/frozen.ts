import { useSyncExternalStore } from 'react'
import { link, serverClock } from './client.ts'

/**
 * Freeze holds the view; collecting on the server goes on. A hidden tab rests likewise. The link runs when neither holds.
 */
let frozenAtMs: number | null = null
const listeners = new Set<() => void>()

export function toggleFrozen(): void {
  frozenAtMs = frozenAtMs === null ? serverClock.nowMs() : null
  apply()
  for (const listener of listeners) listener()
}

/** Since when the view is frozen, by the server's clock; null = it is not. */
export function useFrozenAtMs(): number | null {
  return useSyncExternalStore(subscribe, () => frozenAtMs)
}

/** Rests while the tab is hidden: once, at start. */
export function restWhileHidden(): void {
  document.addEventListener('visibilitychange', apply)
}

function apply(): void {
  if (frozenAtMs !== null || document.visibilityState === 'hidden') link.stop()
  else link.start()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
