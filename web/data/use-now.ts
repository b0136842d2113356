import { useSyncExternalStore } from 'react'
import { serverClock } from './client.ts'

/** One timer for all ages on the page: they tick together, once a second, fetch or no fetch. */
const listeners = new Set<() => void>()
let nowMs = serverClock.nowMs()
let timer: ReturnType<typeof setInterval> | null = null

/** The server's time, Unix ms, renewed each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  nowMs = serverClock.nowMs()
  timer ??= setInterval(tick, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0 || !timer) return
    clearInterval(timer)
    timer = null
  }
}

function tick(): void {
  nowMs = serverClock.nowMs()
  for (const listener of listeners) listener()
}
