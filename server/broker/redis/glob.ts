/**
 * Whether a text matches a pattern as KEYS, SCAN and PSUBSCRIBE read it: `*`, `?`, `[a-c]`, `[^a]`, `\` before a character.
 * Without recursion; two stars are never open at once, so the time is at most the product of the lengths.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let starAt = -1
  let retryAt = 0
  while (t < text.length) {
    if (p < pattern.length && pattern.charCodeAt(p) === STAR) {
      starAt = ++p
      retryAt = t
      continue
    }
    const next = p < pattern.length ? matchOne(pattern, p, text.charCodeAt(t)) : -1
    if (next >= 0) {
      p = next
      t++
    } else if (starAt >= 0) {
      p = starAt
      t = ++retryAt
    } else {
      return false
    }
  }
  while (p < pattern.length && pattern.charCodeAt(p) === STAR) p++
  return p >= pattern.length
}

const STAR = 42
const BACKSLASH = 92

/** The place in the pattern after what matched this one character, or −1. */
function matchOne(pattern: string, at: number, code: number): number {
  const here = pattern.charCodeAt(at)
  if (here === 63) return at + 1
  if (here === 91) return matchClass(pattern, at + 1, code)
  if (here === BACKSLASH && at + 1 < pattern.length) return pattern.charCodeAt(at + 1) === code ? at + 2 : -1
  return here === code ? at + 1 : -1
}

/** A class without its closing bracket ends with the pattern, as in Redis. */
function matchClass(pattern: string, start: number, code: number): number {
  let at = start
  const isNot = pattern.charCodeAt(at) === 94
  if (isNot) at++
  let isIn = false
  for (; at < pattern.length && pattern.charCodeAt(at) !== 93; at++) {
    if (pattern.charCodeAt(at) === BACKSLASH && at + 1 < pattern.length) {
      at++
      if (pattern.charCodeAt(at) === code) isIn = true
    } else if (pattern.charCodeAt(at + 1) === 45 && at + 2 < pattern.length) {
      const from = pattern.charCodeAt(at)
      const to = pattern.charCodeAt(at + 2)
      if (code >= Math.min(from, to) && code <= Math.max(from, to)) isIn = true
      at += 2
    } else if (pattern.charCodeAt(at) === code) {
      isIn = true
    }
  }
  return isIn !== isNot ? Math.min(at + 1, pattern.length) : -1
}
