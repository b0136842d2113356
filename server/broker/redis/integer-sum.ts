import { parseInteger } from './arguments.ts'
import { ErrorReply } from './reply.ts'
import { isInteger64, MAX_64, MIN_64 } from './values/integers.ts'

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

/** An integer of up to 15 characters in its one form; NaN when the text is something else. */
function parseShort(text: string): number {
  return text.length <= 15 && isInteger64(text) ? Number(text) : Number.NaN
}
