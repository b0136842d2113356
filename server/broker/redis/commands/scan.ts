import { integerOf, SYNTAX } from '../arguments.ts'
import type { Call } from '../command.ts'
import { matchesGlob } from '../glob.ts'
import { ErrorReply, type Reply } from '../reply.ts'
import { typeName } from '../value-kind.ts'

const CURSOR_MAX = 2n ** 64n - 1n
const COUNT_DEFAULT = 10
/** Of one page: a larger COUNT asks for everything at once, which KEYS does too. */
const COUNT_MAX = 1_000_000

/** SCAN: a page costs about its COUNT, and a key that is there from the first page to the last is told once. */
export function scan(call: Call, args: readonly string[]): Reply {
  const cursor = args[1] as string
  // As strtoul reads it: a negative one counts from the end of 64 bits.
  if (!/^-?\d{1,20}$/.test(cursor) || BigInt(cursor) > CURSOR_MAX) throw new ErrorReply('ERR invalid cursor')
  let pattern: string | null = null
  let type: string | null = null
  let count = COUNT_DEFAULT
  for (let at = 2; at < args.length; at += 2) {
    const word = (args[at] as string).toLowerCase()
    const value = args[at + 1]
    if (value === undefined) throw new ErrorReply(SYNTAX)
    if (word === 'match') pattern = value === '*' ? null : value
    else if (word === 'type') type = value.toLowerCase()
    else if (word === 'count') {
      count = integerOf(value)
      if (count < 1) throw new ErrorReply(SYNTAX)
    } else throw new ErrorReply(SYNTAX)
  }
  const met: string[] = []
  const next = call.db.scan(Number(BigInt.asUintN(64, BigInt(cursor))), Math.min(count, COUNT_MAX), (key) =>
    met.push(key),
  )
  const found = met.filter((key) => {
    if (pattern !== null && !matchesGlob(pattern, key)) return false
    const value = call.db.get(key)
    return value !== undefined && (type === null || typeName(value) === type)
  })
  return [String(next), found]
}
