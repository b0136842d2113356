import { integerOf, parseDouble } from './arguments.ts'
import { parseLongDouble } from './long-double.ts'
import { ErrorReply } from './reply.ts'

const NEGATIVE = 'ERR timeout is negative'

/** The wait of a blocking command, given in seconds, in ms; 0: for ever. What 64 bits cannot hold wraps around in Redis: negative. */
export function timeoutMsOf(text: string, nowMs: number): number {
  if (parseLongDouble(text) === null) throw new ErrorReply('ERR timeout is not a float or out of range')
  const ms = Math.ceil(parseDouble(text) * 1000)
  if (ms < 0 || ms >= 2 ** 63) throw new ErrorReply(NEGATIVE)
  if (ms > 2 ** 63 - nowMs) throw new ErrorReply('ERR timeout is out of range')
  return ms
}

/** A wait given in whole ms; 0: for ever. */
export function wholeTimeoutMsOf(text: string): number {
  const ms = integerOf(text, 'ERR timeout is not an integer or out of range')
  if (ms < 0) throw new ErrorReply(NEGATIVE)
  return ms
}
