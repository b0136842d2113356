import { numberAt, stringAt, truncated, unsigned64 } from './arguments.ts'
import { fixed, general, scientific } from './decimal.ts'
import { argumentError, libraryError } from './error.ts'
import { meter } from './meter.ts'
import type { LuaValue } from './value.ts'

/** `string.format`, as Lua 5.1 hands its items to C's printf. */

interface Item {
  readonly isLeft: boolean
  readonly isSigned: boolean
  readonly isSpaced: boolean
  readonly isAlternate: boolean
  readonly isZeroed: boolean
  readonly width: number
  /** null: none given */
  readonly precision: number | null
}

const FLAGS = '-+ #0'

export function format(args: readonly LuaValue[]): string {
  const pattern = stringAt(args, 1)
  let out = ''
  let position = 1
  let i = 0
  while (i < pattern.length) {
    const mark = pattern.indexOf('%', i)
    if (mark < 0) break
    out += pattern.slice(i, mark)
    if (pattern[mark + 1] === '%') {
      out += '%'
      i = mark + 2
      continue
    }
    const { item, end } = itemAt(pattern, mark + 1)
    position++
    if (position > args.length) throw argumentError(position, 'no value')
    const piece = formatted(item, pattern[end] ?? '', args, position, pattern.slice(mark, end + 1))
    meter.charge(piece.length + 8)
    out += piece
    i = end + 1
  }
  const text = out + pattern.slice(i)
  meter.charge(text.length)
  return meter.joined(text)
}

function itemAt(pattern: string, start: number): { readonly item: Item; readonly end: number } {
  let end = start
  while (end < pattern.length && FLAGS.includes(pattern[end] ?? '')) end++
  const flags = pattern.slice(start, end)
  if (flags.length >= 6) throw libraryError('invalid format (repeated flags)')
  const digits = () => {
    const from = end
    while (end - from < 2 && /[0-9]/.test(pattern[end] ?? '')) end++
    return pattern.slice(from, end)
  }
  const width = digits()
  let precision: string | null = null
  if (pattern[end] === '.') {
    end++
    precision = digits()
  }
  if (/[0-9]/.test(pattern[end] ?? '')) throw libraryError('invalid format (width or precision too long)')
  const item: Item = {
    isLeft: flags.includes('-'),
    isSigned: flags.includes('+'),
    isSpaced: flags.includes(' '),
    isAlternate: flags.includes('#'),
    isZeroed: flags.includes('0'),
    width: Number(width),
    precision: precision === null ? null : Number(precision),
  }
  return { item, end }
}

function formatted(item: Item, letter: string, args: readonly LuaValue[], position: number, text: string): string {
  switch (letter) {
    case 'c':
      return untilZero(padded(item, '', String.fromCharCode(truncated(numberAt(args, position)) & 255)))
    case 'd':
    case 'i':
      return integer(item, BigInt(truncated(numberAt(args, position))))
    case 'o':
    case 'u':
    case 'x':
    case 'X':
      return unsigned(item, letter, numberAt(args, position))
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G':
      return float(item, letter, numberAt(args, position))
    case 'q':
      return quoted(stringAt(args, position))
    case 's': {
      const value = stringAt(args, position)
      // Lua hands long strings on as they are, and C ends the others at a zero byte.
      if (item.precision === null && value.length >= 100) return value
      const whole = untilZero(value)
      return padded(
        { ...item, isZeroed: false },
        '',
        item.precision === null ? whole : meter.cut(whole, 0, Math.min(item.precision, whole.length)),
      )
    }
    default:
      throw libraryError(
        `invalid option '${letter === '' ? '%' : text.replace(/^%[-+ #0]*[0-9]*\.?[0-9]*/, '%')}' to 'format'`,
      )
  }
}

/** A string as C sees it. */
function untilZero(text: string): string {
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

function integer(item: Item, value: bigint): string {
  const sign = value < 0n ? '-' : item.isSigned ? '+' : item.isSpaced ? ' ' : ''
  return digitsOf(item, sign, (value < 0n ? -value : value).toString())
}

function unsigned(item: Item, letter: string, number: number): string {
  const value = unsigned64(number)
  if (letter === 'u') return digitsOf(item, '', value.toString())
  if (letter === 'o') {
    const digits = value.toString(8)
    return digitsOf(item, '', item.isAlternate && value !== 0n ? `0${digits}` : digits)
  }
  const digits = value.toString(16)
  const prefix = item.isAlternate && value !== 0n ? '0x' : ''
  const out = digitsOf(item, prefix, digits)
  return letter === 'X' ? out.toUpperCase() : out
}

function digitsOf(item: Item, sign: string, digits: string): string {
  if (item.precision === null) return padded(item, sign, digits)
  const body = item.precision === 0 && digits === '0' ? '' : digits.padStart(item.precision, '0')
  return padded({ ...item, isZeroed: false }, sign, body)
}

function float(item: Item, letter: string, value: number): string {
  const isNegative = value < 0 || (value === 0 && 1 / value < 0) || Number.isNaN(value)
  const sign = isNegative ? '-' : item.isSigned ? '+' : item.isSpaced ? ' ' : ''
  const isUpper = letter === 'E' || letter === 'G'
  if (value - value !== 0) {
    const word = Number.isNaN(value) ? 'nan' : 'inf'
    return padded({ ...item, isZeroed: false }, sign, isUpper ? word.toUpperCase() : word)
  }
  const precision = item.precision ?? 6
  const write = letter === 'f' ? fixed : letter === 'e' || letter === 'E' ? scientific : general
  const digits = write(Math.abs(value), precision, item.isAlternate)
  return padded(item, sign, isUpper ? digits.toUpperCase() : digits)
}

function padded(item: Item, sign: string, body: string): string {
  if (item.isLeft) return (sign + body).padEnd(item.width)
  return item.isZeroed && sign + body !== '' && /^[0-9a-fA-F.e+-]*$/.test(body)
    ? sign + body.padStart(item.width - sign.length, '0')
    : (sign + body).padStart(item.width)
}

function quoted(value: string): string {
  const escaped = value
    .replace(/["\\\n]/g, '\\$&')
    .replaceAll('\r', '\\r')
    .replaceAll('\0', '\\000')
  meter.charge(escaped.length)
  return `"${escaped}"`
}
