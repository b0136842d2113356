import { ErrorReply } from './reply.ts'
import { isInteger64 } from './values/integers.ts'

export const SYNTAX = 'ERR syntax error'
export const NOT_INTEGER = 'ERR value is not an integer or out of range'
export const NOT_FLOAT = 'ERR value is not a valid float'
export const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value'

export function wrongArity(command: string): ErrorReply {
  return new ErrorReply(`ERR wrong number of arguments for '${command}' command`)
}

/** The exact value of a 64-bit integer as Redis accepts it (no plus sign, no blanks, no leading zeros), or null. */
export function parseInteger(text: string): bigint | null {
  return isInteger64(text) ? BigInt(text) : null
}

/** A 64-bit integer as a number: exact up to 2^53, beyond that clamped to ±2^53 (indexes, counts and times need no more). */
export function integerOf(text: string, error: string = NOT_INTEGER): number {
  if (!isInteger64(text)) throw new ErrorReply(error)
  return Math.max(Math.min(+text, Number.MAX_SAFE_INTEGER), Number.MIN_SAFE_INTEGER)
}

/** An integer from `least` on; both mistakes have the same words. */
export function integerFrom(least: number, text: string, error: string): number {
  const value = integerOf(text, error)
  if (value < least) throw new ErrorReply(error)
  return value
}

/** A double as strtod reads it: also inf, -inf, +inf and hexadecimal; NaN, blanks and what no double is near to are refused. */
export function floatOf(text: string, error: string = NOT_FLOAT): number {
  if (isInteger64(text)) return +text
  const value = parseDouble(text)
  if (Number.isNaN(value)) throw new ErrorReply(error)
  if (!Number.isFinite(value) && !/inf/i.test(text)) throw new ErrorReply(error)
  if (value === 0 && /^[+-]?(0x[0.]*[1-9a-f]|[0.]*[1-9])/i.test(text)) throw new ErrorReply(error)
  return value
}

// The point is not optional on its own: two runs of digits beside each other would cost the square of their length.
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i
const HEXADECIMAL = /^([+-]?)0x(?=\.?[0-9a-f])([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?$/i

/** What C's strtod makes of the whole text, without blanks before it; NaN when it is no number. */
export function parseDouble(text: string): number {
  if (DECIMAL.test(text)) return Number(text)
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text)
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity
  const parts = HEXADECIMAL.exec(text)
  if (parts === null) return Number.NaN
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts
  const value = Number(`0x${whole}${fraction}`) * 2 ** (Number(exponent) - 4 * fraction.length)
  return sign === '-' ? -value : value
}
