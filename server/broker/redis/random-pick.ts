import { integerOf, SYNTAX } from './arguments.ts'
import { REPEATS_MAX } from './limits.ts'
import { ErrorReply } from './reply.ts'

export interface RandomQuery {
  /** Negative: members may repeat. */
  readonly count: number
  readonly isWithValues: boolean
}

/** The count of SRANDMEMBER, HRANDFIELD or ZRANDMEMBER, and their word for values. Throws beyond what one answer may hold. */
export function parseRandomQuery(args: readonly string[], word: string | null): RandomQuery {
  const text = args[2] as string
  const count = integerOf(text)
  if (text === '-9223372036854775808') {
    throw new ErrorReply('ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807')
  }
  const isWithValues = args.length > 3
  if (args.length > 4 || (isWithValues && (args[3] as string).toUpperCase() !== word)) throw new ErrorReply(SYNTAX)
  const isTooFar = isWithValues && (BigInt(text) > 4611686018427387903n || BigInt(text) < -4611686018427387903n)
  if (isTooFar || count < -REPEATS_MAX) throw new ErrorReply('ERR value is out of range')
  return { count, isWithValues }
}

/** `count` different places out of `size`, each combination equally likely, in ascending order. @param count less than size */
export function distinctPlaces(count: number, size: number, random: () => number): number[] {
  // Floyd's: one draw per place.
  const places = new Set<number>()
  for (let top = size - count; top < size; top++) {
    const place = Math.floor(random() * (top + 1))
    places.add(places.has(place) ? top : place)
  }
  return [...places].sort((a, b) => a - b)
}
