import { ErrorReply } from './reply.ts'

export const SYNTAX = 'ERR syntax error'
export const NOT_INTEGER = 'ERR value is not an integer or out of range'
export const NOT_FLOAT = 'ERR value is not a valid float'
export const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value'

const MAX_64 = 9223372036854775807n
const MIN_64 = -9223372036854775808n

/** The exact text of a 64-bit integer as Redis accepts it (no plus sign, no blanks, no leading zeros), or null. */
export function parseInteger(text: string): bigint | null {
  if (!/^(0|-?[1-9][0-9]{0,18})$/.test(text)) return null
  const value = BigInt(text)
  return value > MAX_64 || value < MIN_64 ? null : value
}

/** A 64-bit integer as a number: exact up to 2^53, beyond that clamped to ±2^53 (indexes, counts and times need no more). */
export function integerOf(text: string, error: string = NOT_INTEGER): number {
  if (text.length < 16 && /^(0|-?[1-9][0-9]*)$/.test(text)) return Number(text)
  const value = parseInteger(text)
  if (value === null) throw new ErrorReply(error)
  return Number(value > 9007199254740991n ? 9007199254740991n : value < -9007199254740991n ? -9007199254740991n : value)
}

/** A double as strtold reads it: also inf, -inf, +inf and hexadecimal; NaN and blanks are refused. */
export function floatOf(text: string, error: string = NOT_FLOAT): number {
  const word = /^([+-]?)(inf|infinity)$/i.exec(text)
  if (word !== null) return word[1] === '-' ? -Infinity : Infinity
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw new ErrorReply(error)
  return Number(text)
}
