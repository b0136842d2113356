import { integerOf } from './arguments.ts'
import type { Call } from './command.ts'
import type { Db } from './db.ts'
import { ErrorReply } from './reply.ts'

const INT_MAX = 2 ** 31 - 1

/** The database of a number as it was sent. Throws ErrorReply. */
export function dbAt(call: Call, text: string): Db {
  const number = integerOf(text)
  if (number > INT_MAX || number < -INT_MAX - 1) {
    throw new ErrorReply(`ERR value is out of range, value must between ${-INT_MAX - 1} and ${INT_MAX}`)
  }
  const db = call.dbs[number]
  if (db === undefined) throw new ErrorReply('ERR DB index is out of range')
  return db
}
