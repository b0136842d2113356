import { useSyncExternalStore } from 'react'

/** Single-letter keys can be switched off (WCAG 2.1.4): speech input would press them by accident. */
const KEY = 'sluice.keys'
const listeners = new Set<() => void>()
let on = read()

export function keysAreOn(): boolean {
  return on
}

export function useKeysOn(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => on,
  )
}

export function setKeysOn(value: boolean): void {
  on = value
  try {
    localStorage.setItem(KEY, value ? 'on' : 'off')
  } catch {
    // Storage is switched off: it holds until the page is left.
  }
  for (const listener of listeners) listener()
}

function read(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'off'
  } catch {
    return true
  }
}
