import { floatOf } from './arguments.ts'
import { ErrorReply } from './reply.ts'

/** The wait of a blocking command, given in seconds, in ms; 0: for ever. */
export function timeoutMsOf(text: string): number {
  const seconds = floatOf(text, 'ERR timeout is not a float or out of range')
  if (seconds * 1000 >= 2 ** 63) throw new ErrorReply('ERR timeout is out of range')
  if (seconds < 0) throw new ErrorReply('ERR timeout is negative')
  return Math.ceil(seconds * 1000)
}
