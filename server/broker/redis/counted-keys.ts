import { integerFrom, SYNTAX } from './arguments.ts'
import { ErrorReply } from './reply.ts'

/** The keys of a command that says how many there are, at `place`; what of them is there when the number is wrong. */
export function countedKeys(args: readonly string[], place: number): readonly string[] {
  const count = Number(args[place])
  return Number.isInteger(count) && count > 0 ? args.slice(place + 1, place + 1 + count) : []
}

/** LMPOP, ZMPOP and their blocking forms: keys, which end, how many. */
export interface ManyPop {
  readonly keys: readonly string[]
  /** The first of the two words, LEFT or MIN. */
  readonly isFirst: boolean
  readonly count: number
}

/** @param place of the number of keys */
export function parseManyPop(args: readonly string[], place: number, words: readonly [string, string]): ManyPop {
  const keyCount = integerFrom(1, args[place] as string, 'ERR numkeys should be greater than 0')
  const wordPlace = place + 1 + keyCount
  const word = args[wordPlace]?.toUpperCase()
  if (word !== words[0] && word !== words[1]) throw new ErrorReply(SYNTAX)
  const option = args[wordPlace + 1]?.toUpperCase()
  const given = args[wordPlace + 2]
  if (option !== undefined && (option !== 'COUNT' || given === undefined)) throw new ErrorReply(SYNTAX)
  const count = given === undefined ? 1 : integerFrom(1, given, 'ERR count should be greater than 0')
  if (args.length > wordPlace + 3) throw new ErrorReply(SYNTAX)
  return { keys: args.slice(place + 1, wordPlace), isFirst: word === words[0], count }
}
