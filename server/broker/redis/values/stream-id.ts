/** Half of an id, 0 … 2^64 − 1: a number while that is exact (up to 2^53 − 1), above it a bigint. The two compare exactly. */
export type IdPart = number | bigint

/** `ms-seq`. Ids order by ms, then by seq. */
export interface StreamId {
  readonly ms: IdPart
  readonly seq: IdPart
}

const MAX_PART = 18446744073709551615n
export const MIN_ID: StreamId = { ms: 0, seq: 0 }
export const MAX_ID: StreamId = { ms: MAX_PART, seq: MAX_PART }

/** Below, equal or above 0, as `a` is below, equal to or above `b`. */
export function compareIds(a: StreamId, b: StreamId): number {
  if (a.ms < b.ms) return -1
  if (a.ms > b.ms) return 1
  return a.seq < b.seq ? -1 : a.seq > b.seq ? 1 : 0
}

export function idText(id: StreamId): string {
  return `${id.ms}-${id.seq}`
}

export function isZeroId(id: StreamId): boolean {
  return id.ms === 0 && id.seq === 0
}

/** The id right after, or null after the last one. */
export function nextId(id: StreamId): StreamId | null {
  if (id.seq !== MAX_PART) return { ms: id.ms, seq: add(id.seq, 1) }
  return id.ms === MAX_PART ? null : { ms: add(id.ms, 1), seq: 0 }
}

/** The id right before, or null before the first one. */
export function previousId(id: StreamId): StreamId | null {
  if (id.seq !== 0) return { ms: id.ms, seq: add(id.seq, -1) }
  return id.ms === 0 ? null : { ms: add(id.ms, -1), seq: MAX_PART }
}

function add(part: IdPart, by: 1 | -1): IdPart {
  if (typeof part === 'number' && part < Number.MAX_SAFE_INTEGER) return part + by
  return canonical(BigInt(part) + BigInt(by))
}

function canonical(value: bigint): IdPart {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}

/**
 * An id as a command gives it; without `-seq` the sequence is `missingSeq`. Null: not an id, as `-`, `+` and `ms-*` are not.
 */
export function parseId(text: string, missingSeq: IdPart): StreamId | null {
  if (text.length > 127) return null
  const nul = text.indexOf('\0')
  const whole = nul === -1 ? text : text.slice(0, nul)
  const dash = whole.indexOf('-')
  const ms = parsePart(dash === -1 ? whole : whole.slice(0, dash))
  if (ms === null) return null
  if (dash === -1) return { ms, seq: missingSeq }
  const seq = parsePart(whole.slice(dash + 1))
  return seq === null ? null : { ms, seq }
}

/** As strtoull reads it where the strict reading fails: blanks, a plus sign and leading zeros are let in. */
function parsePart(text: string): IdPart | null {
  const length = text.length
  if (length > 0 && length < 16) {
    let value = 0
    let at = 0
    for (; at < length; at++) {
      const digit = text.charCodeAt(at) - 48
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
    }
    if (at === length) return value
  }
  const parsed = /^[ \t\n\v\f\r]*\+?(\d+)$/.exec(text)
  if (parsed?.[1] === undefined) return null
  const value = BigInt(parsed[1])
  return value > MAX_PART ? null : canonical(value)
}
