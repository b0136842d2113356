import { integerOf, SYNTAX } from '../arguments.ts'
import type { Call } from '../command.ts'
import { STRING_BYTES_MAX } from '../limits.ts'
import { ErrorReply, MapReply, type Reply } from '../reply.ts'

/** The longest common subsequence of two strings: itself, its length, or where its runs are, from the last one on. */
export function lcs({ db }: Call, args: readonly string[]): Reply {
  const a = db.get(args[1] as string) ?? ''
  const b = db.get(args[2] as string) ?? ''
  if (typeof a !== 'string' || typeof b !== 'string') {
    throw new ErrorReply('ERR The specified keys must contain string values')
  }
  const options = parseOptions(args)
  const bytes = (a.length + 1) * (b.length + 1) * 4
  if (bytes > STRING_BYTES_MAX) {
    throw new ErrorReply('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len')
  }
  const lengths = commonLengths(a, b)
  if (options.isLen) return lengths[lengths.length - 1] as number
  return options.isIdx ? runs(a, b, lengths, options) : subsequence(a, b, lengths)
}

interface LcsOptions {
  isIdx: boolean
  isLen: boolean
  isWithLength: boolean
  lengthMin: number
}

function parseOptions(args: readonly string[]): LcsOptions {
  const options: LcsOptions = { isIdx: false, isLen: false, isWithLength: false, lengthMin: 0 }
  for (let i = 3; i < args.length; i++) {
    const word = (args[i] as string).toUpperCase()
    if (word === 'IDX') options.isIdx = true
    else if (word === 'LEN') options.isLen = true
    else if (word === 'WITHMATCHLEN') options.isWithLength = true
    else if (word === 'MINMATCHLEN' && i + 1 < args.length)
      options.lengthMin = Math.max(integerOf(args[++i] as string), 0)
    else throw new ErrorReply(SYNTAX)
  }
  if (options.isIdx && options.isLen) {
    throw new ErrorReply('ERR If you want both the length and indexes, please just use IDX.')
  }
  return options
}

/** In row i, column j: the length for the first i characters of `a` and the first j of `b`. */
function commonLengths(a: string, b: string): Uint32Array {
  const width = b.length + 1
  const lengths = new Uint32Array((a.length + 1) * width)
  for (let i = 1; i <= a.length; i++) {
    const code = a.charCodeAt(i - 1)
    const row = i * width
    for (let j = 1; j <= b.length; j++) {
      const above = lengths[row - width + j] as number
      const left = lengths[row + j - 1] as number
      lengths[row + j] =
        code === b.charCodeAt(j - 1) ? (lengths[row - width + j - 1] as number) + 1 : Math.max(above, left)
    }
  }
  return lengths
}

function subsequence(a: string, b: string, lengths: Uint32Array): string {
  const width = b.length + 1
  const characters: string[] = []
  let i = a.length
  let j = b.length
  while (i > 0 && j > 0) {
    if (a.charCodeAt(i - 1) === b.charCodeAt(j - 1)) {
      characters.push(a.charAt(i - 1))
      i--
      j--
    } else if ((lengths[(i - 1) * width + j] as number) > (lengths[i * width + j - 1] as number)) i--
    else j--
  }
  return characters.reverse().join('')
}

function runs(a: string, b: string, lengths: Uint32Array, { isWithLength, lengthMin }: LcsOptions): Reply {
  const width = b.length + 1
  const matches: Reply[] = []
  let i = a.length
  let j = b.length
  while (i > 0 && j > 0) {
    if (a.charCodeAt(i - 1) !== b.charCodeAt(j - 1)) {
      if ((lengths[(i - 1) * width + j] as number) > (lengths[i * width + j - 1] as number)) i--
      else j--
      continue
    }
    const endA = i - 1
    const endB = j - 1
    while (i > 0 && j > 0 && a.charCodeAt(i - 1) === b.charCodeAt(j - 1)) {
      i--
      j--
    }
    const length = endA - i + 1
    if (length < lengthMin) continue
    const ranges = [
      [i, endA],
      [j, endB],
    ]
    matches.push(isWithLength ? [...ranges, length] : ranges)
  }
  return new MapReply(['matches', matches, 'len', lengths[lengths.length - 1] as number])
}
