/** Reasons that were given in this browser, newest first: at 3 a.m. nobody types one twice. */
const KEY = 'sluice.reasons'
const REASONS_MAX = 5

export function recentReasons(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(stored) ? stored.filter((one) => typeof one === 'string').slice(0, REASONS_MAX) : []
  } catch {
    // Storage is switched off or holds something else: there is nothing to offer.
    return []
  }
}

export function rememberReason(reason: string): void {
  const text = reason.trim()
  if (text === '') return
  try {
    const kept = [text, ...recentReasons().filter((one) => one !== text)].slice(0, REASONS_MAX)
    localStorage.setItem(KEY, JSON.stringify(kept))
  } catch {
    // Storage is switched off: the reason is in the ledger all the same.
  }
}
