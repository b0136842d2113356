import { parseInteger } from './arguments.ts'
import { ErrorReply } from './reply.ts'
import { MAX_64, MIN_64 } from './values/integers.ts'

/**
 * The sum of two texts that are 64-bit integers, exact: plain numbers while both are short, bigint beyond.
 * @param error when the first is no integer; the second is one
 */
export function sumOfIntegers(text: string, delta: string, error: string): number | bigint {
  const value = parseShort(text)
  const change = parseShort(delta)
  if (!Number.isNaN(value) && !Number.isNaN(change)) return value + change
  const exact = parseInteger(text)
  if (exact === null) throw new ErrorReply(error)
  const sum = exact + BigInt(delta)
  if (sum > MAX_64 || sum < MIN_64) throw new ErrorReply('ERR increment or decrement would overflow')
  return sum
}

/** An integer of up to 15 digits in its one form; NaN when the text is something else. */
function parseShort(text: string): number {
  const length = text.length
  if (length === 0 || length > 15) return Number.NaN
  const isNegative = text.charCodeAt(0) === 45
  let at = isNegative ? 1 : 0
  const first = text.charCodeAt(at)
  if (first === 48) return length === 1 ? 0 : Number.NaN
  if (at === length) return Number.NaN
  let value = 0
  for (; at < length; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return isNegative ? -value : value
}
