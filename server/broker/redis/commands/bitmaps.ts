import { integerOf, SYNTAX } from '../arguments.ts'
import { bitAt, countOnes, findBit, padded } from '../bits.ts'
import type { Call, Command } from '../command.ts'
import { READABLE_BITS, STRING_BYTES_MAX } from '../limits.ts'
import { ErrorReply, type Reply } from '../reply.ts'
import { stringAt } from '../typed.ts'
import { bitfield, bitfieldRo } from './bitfield.ts'

/** https://redis.io/docs/latest/commands/?group=bitmap, as of 7.0. */
export const bitmaps: readonly Command[] = [
  { name: 'bitcount', arity: -2, flags: ['readonly'], keys: [1, 1, 1], run: bitcount },
  { name: 'bitpos', arity: -3, flags: ['readonly'], keys: [1, 1, 1], run: bitpos },
  { name: 'bitop', arity: -4, flags: ['write', 'denyoom'], keys: [2, -1, 1], run: bitop },
  { name: 'setbit', arity: 4, flags: ['write', 'denyoom'], keys: [1, 1, 1], run: setbit },
  { name: 'getbit', arity: 3, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: getbit },
  { name: 'bitfield', arity: -2, flags: ['write', 'denyoom'], keys: [1, 1, 1], run: bitfield },
  { name: 'bitfield_ro', arity: -2, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: bitfieldRo },
]

const BAD_OFFSET = 'ERR bit offset is not an integer or out of range'
const BAD_BIT = 'ERR bit is not an integer or out of range'

function offsetOf(text: string, max: number): number {
  const offset = integerOf(text, BAD_OFFSET)
  if (offset < 0 || offset >= max) throw new ErrorReply(BAD_OFFSET)
  return offset
}

function getbit({ db }: Call, args: readonly string[]): Reply {
  const offset = offsetOf(args[2] as string, READABLE_BITS)
  return bitAt(stringAt(db, args[1] as string) ?? '', offset)
}

function setbit({ db }: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const offset = offsetOf(args[2] as string, STRING_BYTES_MAX * 8)
  const bit = integerOf(args[3] as string, BAD_BIT)
  if (bit !== 0 && bit !== 1) throw new ErrorReply(BAD_BIT)
  const place = Math.floor(offset / 8)
  const text = padded(stringAt(db, key) ?? '', place + 1)
  const before = bitAt(text, offset)
  if (before === bit) {
    db.set(key, text)
  } else {
    const byte = text.charCodeAt(place) ^ (1 << (7 - (offset % 8)))
    db.set(key, text.slice(0, place) + String.fromCharCode(byte) + text.slice(place + 1))
  }
  db.markEncoding(key, 'raw')
  return before
}

/** BYTE or BIT; false: bytes. */
function isBitUnit(word: string): boolean {
  const unit = word.toUpperCase()
  if (unit !== 'BIT' && unit !== 'BYTE') throw new ErrorReply(SYNTAX)
  return unit === 'BIT'
}

/** A range of bits within the text from one of bytes or bits that may count from the end; null when nothing is in it. */
function bitRange(text: string, start: number, end: number, isBits: boolean): { from: number; to: number } | null {
  const length = isBits ? text.length * 8 : text.length
  const first = Math.max(start < 0 ? start + length : start, 0)
  const last = Math.min(Math.max(end < 0 ? end + length : end, 0), length - 1)
  if (first > last) return null
  return isBits ? { from: first, to: last } : { from: first * 8, to: last * 8 + 7 }
}

function bitcount({ db }: Call, args: readonly string[]): Reply {
  const text = stringAt(db, args[1] as string)
  if (text === undefined) return 0
  if (args.length === 2) return text === '' ? 0 : countOnes(text, 0, text.length * 8 - 1)
  if (args.length > 5 || args.length === 3) throw new ErrorReply(SYNTAX)
  const start = integerOf(args[2] as string)
  const end = integerOf(args[3] as string)
  if (start < 0 && end < 0 && start > end) return 0
  const range = bitRange(text, start, end, args.length === 5 && isBitUnit(args[4] as string))
  return range === null ? 0 : countOnes(text, range.from, range.to)
}

function bitpos({ db }: Call, args: readonly string[]): Reply {
  const bit = integerOf(args[2] as string)
  if (bit !== 0 && bit !== 1) throw new ErrorReply('ERR The bit argument must be 1 or 0.')
  const text = stringAt(db, args[1] as string)
  if (text === undefined) return bit === 1 ? -1 : 0
  if (args.length > 6) throw new ErrorReply(SYNTAX)
  const start = args.length > 3 ? integerOf(args[3] as string) : 0
  const isBits = args.length === 6 && isBitUnit(args[5] as string)
  const end = args.length > 4 ? integerOf(args[4] as string) : -1
  const range = bitRange(text, start, end, isBits)
  if (range === null) return -1
  const found = findBit(text, bit, range)
  // Without an end the zeros after the string count, for who looks for one.
  return found === -1 && bit === 0 && args.length <= 4 ? range.to + 1 : found
}

function bitop({ db }: Call, args: readonly string[]): Reply {
  const operation = (args[1] as string).toUpperCase()
  if (operation !== 'AND' && operation !== 'OR' && operation !== 'XOR' && operation !== 'NOT') {
    throw new ErrorReply(SYNTAX)
  }
  if (operation === 'NOT' && args.length !== 4) {
    throw new ErrorReply('ERR BITOP NOT must be called with a single source key.')
  }
  const sources: string[] = []
  let length = 0
  for (let i = 3; i < args.length; i++) {
    const source = stringAt(db, args[i] as string) ?? ''
    sources.push(source)
    length = Math.max(length, source.length)
  }
  const key = args[2] as string
  if (length === 0) {
    db.remove(key)
    return 0
  }
  db.set(key, combined(operation, sources, length), true)
  db.markEncoding(key, 'raw')
  return length
}

function combined(operation: 'AND' | 'OR' | 'XOR' | 'NOT', sources: readonly string[], length: number): string {
  const bytes = Buffer.alloc(length)
  bytes.write(sources[0] as string, 'latin1')
  for (let i = 0; operation === 'NOT' && i < length; i++) bytes[i] = ~(bytes[i] as number)
  for (let number = 1; number < sources.length; number++) {
    const source = sources[number] as string
    for (let i = 0; i < length; i++) {
      const other = i < source.length ? source.charCodeAt(i) : 0
      const byte = bytes[i] as number
      bytes[i] = operation === 'AND' ? byte & other : operation === 'OR' ? byte | other : byte ^ other
    }
  }
  return bytes.toString('latin1')
}
