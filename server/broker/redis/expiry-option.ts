import { NOT_INTEGER, parseInteger } from './arguments.ts'
import { ErrorReply } from './reply.ts'
import { MAX_64 } from './values/integers.ts'

/** How a time to live is given. */
export type ExpiryUnit = 'EX' | 'PX' | 'EXAT' | 'PXAT'

/** The Unix ms at which a key given this time ends; exact, as the journal keeps it. Throws in Redis' words when the time is not positive or past what 64 bits hold. */
export function expiryAtMs(unit: ExpiryUnit, text: string, nowMs: number, command: string): bigint {
  const given = parseInteger(text)
  if (given === null) throw new ErrorReply(NOT_INTEGER)
  const inMs = unit === 'EX' || unit === 'EXAT' ? given * 1000n : given
  const isRelative = unit === 'EX' || unit === 'PX'
  const atMs = isRelative ? inMs + BigInt(Math.floor(nowMs)) : inMs
  if (given <= 0n || inMs > MAX_64 || atMs > MAX_64) {
    throw new ErrorReply(`ERR invalid expire time in '${command}' command`)
  }
  return atMs
}
