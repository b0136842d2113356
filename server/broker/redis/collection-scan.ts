import { integerOf, SYNTAX } from './arguments.ts'
import { matchesGlob } from './glob.ts'
import { ErrorReply } from './reply.ts'

/** What HSCAN, SSCAN and ZSCAN have in common. */
export interface Walkable {
  walk(cursor: number, count: number, into: string[]): number
}

/** Members kept after MATCH, and the cursor to go on with. */
export interface ScanPage {
  readonly cursor: string
  readonly members: readonly string[]
}

/** Throws when it is no unsigned 64-bit number as strtoul reads it. */
export function parseCursor(text: string): number {
  if (!/^(?:[+-]?\d{1,20})?$/.test(text) || BigInt(text.replace(/^[+-]/, '') || '0') > 18446744073709551615n) {
    throw new ErrorReply('ERR invalid cursor')
  }
  // What wraps around in C is beyond every collection.
  return text.startsWith('-') && Number(text) !== 0 ? Number.MAX_SAFE_INTEGER : Number(text)
}

/** @param args the command's; options begin at the fourth */
export function scanPage(value: Walkable, cursor: number, args: readonly string[]): ScanPage {
  let count = 10
  let pattern = '*'
  for (let i = 3; i < args.length; i += 2) {
    const word = (args[i] as string).toUpperCase()
    const given = args[i + 1]
    if (given === undefined) throw new ErrorReply(SYNTAX)
    if (word === 'COUNT') {
      count = integerOf(given)
      if (count < 1) throw new ErrorReply(SYNTAX)
    } else if (word === 'MATCH') {
      pattern = given
    } else {
      throw new ErrorReply(SYNTAX)
    }
  }
  const met: string[] = []
  const next = value.walk(cursor, count, met)
  return { cursor: String(next), members: pattern === '*' ? met : met.filter((member) => matchesGlob(pattern, member)) }
}
