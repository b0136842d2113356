import { integerAt, optionalInteger, stringAt, typeError } from './arguments.ts'
import { argumentError, libraryError } from './error.ts'
import { format } from './format.ts'
import { meter } from './meter.ts'
import { numberText } from './number.ts'
import { index, isTrue, library, toText } from './operators.ts'
import { Matcher } from './pattern.ts'
import { LuaTable } from './table.ts'
import { first, type LuaFunction, type LuaResult, type LuaValue, typeName } from './value.ts'

type Values = readonly LuaValue[]

/** A place counted from the end when negative; 0 is before the first. */
function place(at: number, length: number): number {
  return at >= 0 ? at : Math.max(0, length + at + 1)
}

function find(args: Values, isFind: boolean): LuaResult {
  const source = stringAt(args, 1)
  const pattern = stringAt(args, 2)
  const from = Math.min(Math.max(place(optionalInteger(args, 3, 1), source.length), 1) - 1, source.length)
  if (isFind && (isTrue(args[3]) || !/[\^$*+?.([%-]/.test(pattern))) {
    meter.spend(source.length >> 6)
    const at = source.indexOf(pattern, from)
    return at < 0 ? undefined : [at + 1, at + pattern.length]
  }
  const matcher = new Matcher(source, pattern)
  const isAnchored = pattern[0] === '^'
  for (let start = from; start <= source.length; start++) {
    const end = matcher.match(start, isAnchored ? 1 : 0)
    if (end >= 0) {
      if (!isFind) return matcher.captures(start, end)
      return matcher.hasCaptures ? [start + 1, end, ...matcher.captures(start, end)] : [start + 1, end]
    }
    if (isAnchored) break
  }
  return undefined
}

const gmatch: LuaFunction = (...args) => {
  const source = stringAt(args, 1)
  const matcher = new Matcher(source, stringAt(args, 2))
  let at = 0
  return () => {
    for (; at <= source.length; at++) {
      const end = matcher.match(at, 0)
      if (end < 0) continue
      const start = at
      at = end === start ? end + 1 : end
      return matcher.captures(start, end)
    }
    return undefined
  }
}

const gsub: LuaFunction = (...args) => {
  const source = stringAt(args, 1)
  const pattern = stringAt(args, 2)
  const by = args[2]
  const kind = typeName(by)
  if (kind !== 'string' && kind !== 'number' && kind !== 'table' && kind !== 'function') {
    throw argumentError(3, 'string/function/table expected')
  }
  const isAnchored = pattern[0] === '^'
  const most = optionalInteger(args, 4, source.length + 1)
  const matcher = new Matcher(source, pattern)
  let at = 0
  let count = 0
  let kept = 0
  let text = ''
  while (count < most) {
    const end = matcher.match(at, isAnchored ? 1 : 0)
    if (end >= 0) {
      count++
      const piece = replacement(matcher, at, end, by)
      const added = piece ?? meter.cut(source, at, end)
      meter.charge(added.length)
      text += meter.cut(source, kept, at) + added
      kept = end
    }
    if (end > at) at = end
    else if (at < source.length) at++
    else break
    if (isAnchored) break
  }
  meter.charge(32)
  return [meter.joined(text + meter.cut(source, kept, source.length)), count]
}

/** What a match becomes; undefined: it stays. */
function replacement(matcher: Matcher, start: number, end: number, by: LuaValue): string | undefined {
  let value: LuaValue
  if (by instanceof LuaTable) value = index(by, matcher.capture(0, start, end))
  else if (typeof by === 'function') value = first(library.callFromLibrary(by, matcher.captures(start, end)))
  else return filled(matcher, start, end, toText(by) as string)
  if (!isTrue(value)) return undefined
  const text = toText(value)
  if (text !== undefined) return text
  throw libraryError(`invalid replacement value (a ${typeName(value)})`)
}

function filled(matcher: Matcher, start: number, end: number, text: string): string {
  if (!text.includes('%')) return text
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char !== '%') {
      out += char
      continue
    }
    i++
    const code = text.charCodeAt(i)
    if (code >= 48 && code <= 57) {
      const value = code === 48 ? matcher.whole(start, end) : matcher.capture(code - 49, start, end)
      out += typeof value === 'number' ? numberText(value) : value
    } else out += text[i] ?? '\0'
  }
  return out
}

/** The string library; strings see it as their `__index`. */
export const stringLibrary: Readonly<Record<string, LuaFunction>> = {
  byte: (...args) => {
    const text = stringAt(args, 1)
    const from = place(optionalInteger(args, 2, 1), text.length)
    const to = Math.min(place(optionalInteger(args, 3, from), text.length), text.length)
    const start = Math.max(from, 1)
    if (start === to) return text.charCodeAt(start - 1)
    if (to - start + 1 > BYTES_MAX) throw libraryError('string slice too long')
    const bytes: number[] = []
    for (let i = start; i <= to; i++) bytes.push(text.charCodeAt(i - 1))
    return bytes
  },
  char: (...args) => {
    let text = ''
    for (let i = 1; i <= args.length; i++) {
      const code = integerAt(args, i)
      if (code < 0 || code > 255) throw argumentError(i, 'invalid value')
      text += String.fromCharCode(code)
    }
    return text
  },
  dump: (...args) => {
    if (typeof args[0] !== 'function') throw typeError(args, 1, 'function')
    throw libraryError('unable to dump given function')
  },
  find: (...args) => find(args, true),
  match: (...args) => find(args, false),
  format: (...args) => format(args),
  gmatch,
  gfind: gmatch,
  gsub,
  len: (...args) => stringAt(args, 1).length,
  lower: (...args) => replaced(stringAt(args, 1), /[A-Z]+/g, (part) => part.toLowerCase()),
  upper: (...args) => replaced(stringAt(args, 1), /[a-z]+/g, (part) => part.toUpperCase()),
  rep: (...args) => {
    const text = stringAt(args, 1)
    const count = integerAt(args, 2)
    if (count <= 0 || text.length === 0) return ''
    meter.charge(text.length * count)
    return meter.joined(text.repeat(count))
  },
  reverse: (...args) => {
    const text = stringAt(args, 1)
    meter.charge(text.length)
    return Buffer.from(text, 'latin1').reverse().toString('latin1')
  },
  sub: (...args) => {
    const text = stringAt(args, 1)
    const from = Math.max(place(integerAt(args, 2), text.length), 1)
    const to = Math.min(place(optionalInteger(args, 3, -1), text.length), text.length)
    return from > to ? '' : meter.cut(text, from - 1, to)
  },
}

/** What Lua's stack holds of results. */
const BYTES_MAX = 7_990

function replaced(text: string, letters: RegExp, change: (part: string) => string): string {
  meter.charge(text.length)
  return text.replace(letters, change)
}
