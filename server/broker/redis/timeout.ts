import { parseDouble } from './arguments.ts'
import { parseLongDouble } from './long-double.ts'
import { ErrorReply } from './reply.ts'

/** The wait of a blocking command, given in seconds, in ms; 0: for ever. What 64 bits cannot hold wraps around in Redis: negative. */
export function timeoutMsOf(text: string, nowMs: number): number {
  if (parseLongDouble(text) === null) throw new ErrorReply('ERR timeout is not a float or out of range')
  const ms = Math.ceil(parseDouble(text) * 1000)
  if (ms < 0 || ms >= 2 ** 63) throw new ErrorReply('ERR timeout is negative')
  if (ms > 2 ** 63 - nowMs) throw new ErrorReply('ERR timeout is out of range')
  return ms
}
