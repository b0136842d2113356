import { libraryError } from './error.ts'
import { meter } from './meter.ts'
import type { LuaValue } from './value.ts'

/**
 * Lua 5.1's patterns over one-byte strings: classes, sets, `* + - ?`, captures and captures of positions, `%b`, `%f`, `%1`, anchors.
 * Each step is counted, so that a pattern that never ends meets the script's time limit.
 */

const CAPTURES_MAX = 32
/** Repetitions and captures inside each other: C's stack would end somewhere, ours must not. */
const LEVELS_MAX = 200
/** Matching recurses: three frames a level. */
const FRAMES = 700

const UNCLOSED = -1
const POSITION = -2

const ESCAPE = 37

export class Matcher {
  readonly #source: string
  readonly #pattern: string
  readonly #starts: number[] = []
  readonly #lengths: number[] = []
  #level = 0
  #depth = 0

  constructor(source: string, pattern: string) {
    this.#source = source
    this.#pattern = pattern
  }

  /** Where a match of the pattern from `patternStart` on, beginning just at `at`, ends; −1: there is none. */
  match(at: number, patternStart: number): number {
    this.#level = 0
    this.#depth = 0
    return this.#match(at, patternStart)
  }

  #match(start: number, from: number): number {
    this.#depth++
    if (this.#depth > LEVELS_MAX) throw libraryError('pattern too complex', FRAMES)
    const end = this.#run(start, from)
    this.#depth--
    return end
  }

  #run(start: number, from: number): number {
    const pattern = this.#pattern
    let s = start
    let p = from
    for (;;) {
      if (--meter.steps < 0) meter.look()
      if (p >= pattern.length) return s
      switch (pattern.charCodeAt(p)) {
        case 40: // (
          return pattern.charCodeAt(p + 1) === 41 ? this.#open(s, p + 2, POSITION) : this.#open(s, p + 1, UNCLOSED)
        case 41: // )
          return this.#close(s, p + 1)
        case 36: // $
          if (p + 1 === pattern.length) return s === this.#source.length ? s : -1
          break
        case ESCAPE: {
          const next = pattern.charCodeAt(p + 1)
          if (next === 98) {
            s = this.#balance(s, p + 2)
            if (s < 0) return -1
            p += 4
            continue
          }
          if (next === 102) {
            p += 2
            if (pattern.charCodeAt(p) !== 91) throw libraryError("missing '[' after '%f' in pattern", FRAMES)
            const end = this.#classEnd(p)
            const previous = s === 0 ? 0 : this.#source.charCodeAt(s - 1)
            const here = s < this.#source.length ? this.#source.charCodeAt(s) : 0
            if (this.#inSet(previous, p, end - 1) || !this.#inSet(here, p, end - 1)) return -1
            p = end
            continue
          }
          if (next >= 48 && next <= 57) {
            s = this.#again(s, next)
            if (s < 0) return -1
            p += 2
            continue
          }
          break
        }
      }
      const end = this.#classEnd(p)
      const suffix = pattern.charCodeAt(end)
      if (suffix === 63) {
        if (this.#single(s, p, end)) {
          const found = this.#match(s + 1, end + 1)
          if (found >= 0) return found
        }
        p = end + 1
      } else if (suffix === 42) return this.#most(s, p, end, 0)
      else if (suffix === 43) return this.#single(s, p, end) ? this.#most(s, p, end, 1) : -1
      else if (suffix === 45) return this.#least(s, p, end)
      else {
        if (!this.#single(s, p, end)) return -1
        s++
        p = end
      }
    }
  }

  #most(start: number, p: number, end: number, least: number): number {
    let count = least
    while (this.#single(start + count, p, end)) count++
    meter.spend(count)
    for (; count >= least; count--) {
      const found = this.#match(start + count, end + 1)
      if (found >= 0) return found
    }
    return -1
  }

  #least(start: number, p: number, end: number): number {
    let s = start
    for (;;) {
      const found = this.#match(s, end + 1)
      if (found >= 0) return found
      if (!this.#single(s, p, end)) return -1
      s++
    }
  }

  #open(s: number, p: number, what: number): number {
    if (this.#level >= CAPTURES_MAX) throw libraryError('too many captures', FRAMES)
    this.#starts[this.#level] = s
    this.#lengths[this.#level] = what
    this.#level++
    const found = this.#match(s, p)
    if (found < 0) this.#level--
    return found
  }

  #close(s: number, p: number): number {
    let capture = this.#level - 1
    while (capture >= 0 && this.#lengths[capture] !== UNCLOSED) capture--
    if (capture < 0) throw libraryError('invalid pattern capture', FRAMES)
    this.#lengths[capture] = s - (this.#starts[capture] ?? 0)
    const found = this.#match(s, p)
    if (found < 0) this.#lengths[capture] = UNCLOSED
    return found
  }

  #balance(s: number, p: number): number {
    if (p + 1 >= this.#pattern.length) throw libraryError('unbalanced pattern', FRAMES)
    const source = this.#source
    const opening = this.#pattern.charCodeAt(p)
    if (s >= source.length || source.charCodeAt(s) !== opening) return -1
    const closing = this.#pattern.charCodeAt(p + 1)
    let open = 1
    for (let i = s + 1; i < source.length; i++) {
      const char = source.charCodeAt(i)
      if (char === closing) {
        open--
        if (open === 0) {
          meter.spend(i - s)
          return i + 1
        }
      } else if (char === opening) open++
    }
    meter.spend(source.length - s)
    return -1
  }

  #again(s: number, digit: number): number {
    const capture = digit - 49
    const length = this.#lengths[capture]
    if (capture < 0 || capture >= this.#level || length === UNCLOSED || length === undefined) {
      throw libraryError('invalid capture index', FRAMES)
    }
    const start = this.#starts[capture] ?? 0
    const text = this.#source.slice(start, start + Math.max(0, length))
    return this.#source.startsWith(text, s) ? s + text.length : -1
  }

  #classEnd(start: number): number {
    const pattern = this.#pattern
    let p = start
    const first = pattern.charCodeAt(p++)
    if (first === ESCAPE) {
      if (p >= pattern.length) throw libraryError("malformed pattern (ends with '%')", FRAMES)
      return p + 1
    }
    if (first !== 91) return p
    if (pattern.charCodeAt(p) === 94) p++
    do {
      if (p >= pattern.length) throw libraryError("malformed pattern (missing ']')", FRAMES)
      if (pattern.charCodeAt(p++) === ESCAPE && p < pattern.length) p++
    } while (pattern.charCodeAt(p) !== 93)
    return p + 1
  }

  #single(s: number, p: number, end: number): boolean {
    if (s >= this.#source.length) return false
    const char = this.#source.charCodeAt(s)
    switch (this.#pattern.charCodeAt(p)) {
      case 46:
        return true
      case ESCAPE:
        return inClass(char, this.#pattern.charCodeAt(p + 1))
      case 91:
        return this.#inSet(char, p, end - 1)
      default:
        return this.#pattern.charCodeAt(p) === char
    }
  }

  /** @param last where the closing bracket is */
  #inSet(char: number, start: number, last: number): boolean {
    const pattern = this.#pattern
    let p = start + 1
    let isIn = true
    if (pattern.charCodeAt(p) === 94) {
      isIn = false
      p++
    }
    for (; p < last; p++) {
      const item = pattern.charCodeAt(p)
      if (item === ESCAPE) {
        p++
        if (inClass(char, pattern.charCodeAt(p))) return isIn
      } else if (pattern.charCodeAt(p + 1) === 45 && p + 2 < last) {
        if (item <= char && char <= pattern.charCodeAt(p + 2)) return isIn
        p += 2
      } else if (item === char) return isIn
    }
    return !isIn
  }

  get hasCaptures(): boolean {
    return this.#level > 0
  }

  whole(start: number, end: number): string {
    return meter.cut(this.#source, start, end)
  }

  /** How many values the match gives: its captures, or the whole when there are none. */
  get count(): number {
    return this.#level === 0 ? 1 : this.#level
  }

  capture(index: number, start: number, end: number): LuaValue {
    if (index >= this.#level) {
      if (index !== 0) throw libraryError('invalid capture index', FRAMES)
      return meter.cut(this.#source, start, end)
    }
    const length = this.#lengths[index] ?? 0
    const from = this.#starts[index] ?? 0
    if (length === POSITION) return from + 1
    if (length === UNCLOSED) throw libraryError('unfinished capture', FRAMES)
    return meter.cut(this.#source, from, from + length)
  }

  /** All of them. */
  captures(start: number, end: number): LuaValue[] {
    const found: LuaValue[] = []
    for (let i = 0; i < this.count; i++) found.push(this.capture(i, start, end))
    return found
  }
}

/** `%a`, `%d` …; an upper-case letter means the others; anything else means itself. */
function inClass(char: number, letter: number): boolean {
  const isUpper = letter >= 65 && letter <= 90
  const members = CLASSES[isUpper ? letter - 65 : letter - 97]
  if (members === undefined) return letter === char
  return (members[char] === 1) !== isUpper
}

const isAlpha = (c: number) => (c >= 65 && c <= 90) || (c >= 97 && c <= 122)
const isDigit = (c: number) => c >= 48 && c <= 57
const isPunctuation = (c: number) => c > 32 && c < 127 && !isAlpha(c) && !isDigit(c)
const TESTS: Readonly<Record<string, (c: number) => boolean>> = {
  a: isAlpha,
  c: (c) => c < 32 || c === 127,
  d: isDigit,
  l: (c) => c >= 97 && c <= 122,
  p: isPunctuation,
  s: (c) => c === 32 || (c >= 9 && c <= 13),
  u: (c) => c >= 65 && c <= 90,
  w: (c) => isAlpha(c) || isDigit(c),
  x: (c) => isDigit(c) || (c >= 65 && c <= 70) || (c >= 97 && c <= 102),
  z: (c) => c === 0,
}
/** By letter, from a: which of the 256 bytes belong to the class. */
const CLASSES: readonly (Uint8Array | undefined)[] = Array.from({ length: 26 }, (_, i) => {
  const test = TESTS[String.fromCharCode(97 + i)]
  return test === undefined ? undefined : Uint8Array.from({ length: 256 }, (_, char) => (test(char) ? 1 : 0))
})
