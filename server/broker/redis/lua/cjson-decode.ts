import type { JsonSettings } from './cjson-encode.ts'
import { libraryError } from './error.ts'
import { meter } from './meter.ts'
import { parseNumber } from './number.ts'
import { LuaTable } from './table.ts'
import { type LuaValue, Userdata } from './value.ts'

/** `cjson.null` */
export const NULL = new Userdata('(nil)')

type Kind =
  | 'T_OBJ_BEGIN'
  | 'T_OBJ_END'
  | 'T_ARR_BEGIN'
  | 'T_ARR_END'
  | 'T_STRING'
  | 'T_NUMBER'
  | 'T_BOOLEAN'
  | 'T_NULL'
  | 'T_COLON'
  | 'T_COMMA'
  | 'T_END'
  | 'T_ERROR'

const SINGLE: Readonly<Record<string, Kind>> = {
  '{': 'T_OBJ_BEGIN',
  '}': 'T_OBJ_END',
  '[': 'T_ARR_BEGIN',
  ']': 'T_ARR_END',
  ':': 'T_COLON',
  ',': 'T_COMMA',
}

/** lua-cjson's decoder, with the words of its errors. Nesting is limited, and small frames: it recurses. */
export function decodeJson(text: string, settings: JsonSettings): LuaValue {
  if (text.length >= 2 && (text[0] === '\0' || text[1] === '\0')) {
    throw libraryError('JSON parser does not support UTF-16 or UTF-32')
  }
  meter.charge(text.length)
  const reader = new Reader(text, settings)
  reader.next()
  const value = reader.value()
  reader.next()
  if (reader.kind !== 'T_END') reader.fail('the end')
  return value
}

/** The decoder recurses: two frames a level. */
const FRAMES = 2_100

class Reader {
  kind: Kind = 'T_END'
  readonly #text: string
  readonly #settings: JsonSettings
  #at = 0
  #start = 0
  #found: LuaValue = undefined
  #depth = 0

  constructor(text: string, settings: JsonSettings) {
    this.#text = text
    this.#settings = settings
  }

  fail(expected: string): never {
    const found = this.kind === 'T_ERROR' ? String(this.#found) : this.kind
    throw libraryError(`Expected ${expected} but found ${found} at character ${this.#start + 1}`, FRAMES)
  }

  value(): LuaValue {
    switch (this.kind) {
      case 'T_STRING':
      case 'T_NUMBER':
      case 'T_BOOLEAN':
      case 'T_NULL':
        return this.#found
      case 'T_OBJ_BEGIN':
        return this.#object()
      case 'T_ARR_BEGIN':
        return this.#array()
      default:
        return this.fail('value')
    }
  }

  #descend(): void {
    this.#depth++
    if (this.#depth > this.#settings.decodeDepth) {
      throw libraryError(`Found too many nested data structures (${this.#depth}) at character ${this.#at}`, FRAMES)
    }
  }

  #object(): LuaTable {
    this.#descend()
    const table = new LuaTable()
    this.next()
    if (this.#isKind('T_OBJ_END')) {
      this.#depth--
      return table
    }
    for (;;) {
      if (!this.#isKind('T_STRING')) this.fail('object key string')
      const key = this.#found
      this.next()
      if (!this.#isKind('T_COLON')) this.fail('colon')
      this.next()
      table.set(key, this.value())
      this.next()
      if (this.#isKind('T_OBJ_END')) {
        this.#depth--
        return table
      }
      if (!this.#isKind('T_COMMA')) this.fail('comma or object end')
      this.next()
    }
  }

  #array(): LuaTable {
    this.#descend()
    const table = new LuaTable()
    this.next()
    if (this.#isKind('T_ARR_END')) {
      this.#depth--
      return table
    }
    for (let i = 1; ; i++) {
      table.put(i, this.value())
      this.next()
      if (this.#isKind('T_ARR_END')) {
        this.#depth--
        return table
      }
      if (!this.#isKind('T_COMMA')) this.fail('comma or array end')
      this.next()
    }
  }

  #isKind(kind: Kind): boolean {
    return this.kind === kind
  }

  next(): void {
    const text = this.#text
    if (--meter.steps < 0) meter.look()
    let char = text[this.#at]
    while (char === ' ' || char === '\n' || char === '\r' || char === '\t') char = text[++this.#at]
    this.#start = this.#at
    if (char === undefined || char === '\0') {
      this.kind = 'T_END'
      return
    }
    const single = SINGLE[char]
    if (single !== undefined) {
      this.kind = single
      this.#at++
    } else if (char === '"') this.#string()
    else if (char === '-' || char === '+' || (char >= '0' && char <= '9')) {
      if (!this.#settings.decodesInvalid && this.#isInvalidNumber()) this.#error('invalid number', this.#at)
      else this.#number()
    } else if (text.startsWith('true', this.#at)) this.#word('T_BOOLEAN', true, 4)
    else if (text.startsWith('false', this.#at)) this.#word('T_BOOLEAN', false, 5)
    else if (text.startsWith('null', this.#at)) this.#word('T_NULL', NULL, 4)
    else if (this.#settings.decodesInvalid && /[iInN]/.test(char) && this.#isInvalidNumber()) this.#number()
    else this.#error('invalid token', this.#at)
  }

  #word(kind: Kind, value: LuaValue, length: number): void {
    this.kind = kind
    this.#found = value
    this.#at += length
  }

  #error(what: string, at: number): void {
    this.kind = 'T_ERROR'
    this.#found = what
    this.#start = at
  }

  /** What strtod reads and JSON does not have. */
  #isInvalidNumber(): boolean {
    return /^-?(0[0-9xX]|inf|nan)/i.test(this.#text.slice(this.#at, this.#at + 5))
  }

  #number(): void {
    NUMBER.lastIndex = this.#at
    const found = NUMBER.exec(this.#text)
    const value = found === null ? undefined : parseNumber(found[0])
    if (found === null || value === undefined) {
      this.#error('invalid number', this.#at)
      return
    }
    this.#word('T_NUMBER', value, found[0].length)
  }

  #string(): void {
    const text = this.#text
    let out = ''
    let at = this.#at + 1
    for (;;) {
      let end = at
      for (let code = text.charCodeAt(end); code !== 34 && code !== 92 && code > 0; ) code = text.charCodeAt(++end)
      out += meter.cut(text, at, end)
      const char = text[end]
      if (char === '"') {
        this.kind = 'T_STRING'
        this.#found = out
        this.#at = end + 1
        return
      }
      if (char !== '\\') {
        this.#error('unexpected end of string', end)
        return
      }
      const letter = text[end + 1] ?? ''
      const plain = ESCAPES[letter]
      if (plain !== undefined) {
        out += plain
        at = end + 2
      } else if (letter === 'u') {
        const { bytes, length } = codePoint(text, end)
        if (length === 0) {
          this.#error('invalid unicode escape code', end)
          return
        }
        out += bytes
        at = end + length
      } else {
        this.#error('invalid escape code', end)
        return
      }
    }
  }
}

/** The longest that strtod reads. */
const NUMBER = /[+-]?(?:0x[0-9a-f]+(?:\.[0-9a-f]*)?(?:p[+-]?\d+)?|infinity|inf|nan|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)/iy

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** `\uXXXX`, with the second half of a pair, as UTF-8; length 0: it is none. */
function codePoint(text: string, at: number): { readonly bytes: string; readonly length: number } {
  const none = { bytes: '', length: 0 }
  const high = hex4(text, at + 2)
  if (high < 0) return none
  let code = high
  let length = 6
  if (high >= 0xd800 && high <= 0xdfff) {
    if (high > 0xdbff || text[at + 6] !== '\\' || text[at + 7] !== 'u') return none
    const low = hex4(text, at + 8)
    if (low < 0xdc00 || low > 0xdfff) return none
    code = 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff)
    length = 12
  }
  return { bytes: Buffer.from(String.fromCodePoint(code), 'utf8').toString('latin1'), length }
}

function hex4(text: string, at: number): number {
  const digits = text.slice(at, at + 4)
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1
}
