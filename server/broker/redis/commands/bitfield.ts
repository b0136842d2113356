import { integerOf, NOT_INTEGER, parseInteger, SYNTAX } from '../arguments.ts'
import { padded, readBits, writeBits } from '../bits.ts'
import type { Call } from '../command.ts'
import { READABLE_BITS, STRING_BYTES_MAX } from '../limits.ts'
import { ErrorReply, type Reply } from '../reply.ts'
import { stringAt } from '../typed.ts'

type Overflow = 'WRAP' | 'SAT' | 'FAIL'

interface Operation {
  readonly kind: 'GET' | 'SET' | 'INCRBY'
  readonly isSigned: boolean
  readonly width: number
  readonly offset: number
  readonly value: bigint
  readonly overflow: Overflow
}

export function bitfield(call: Call, args: readonly string[]): Reply {
  return runOperations(call, args[1] as string, parseOperations(args, false))
}

export function bitfieldRo(call: Call, args: readonly string[]): Reply {
  return runOperations(call, args[1] as string, parseOperations(args, true))
}

function runOperations({ db }: Call, key: string, operations: readonly Operation[]): Reply {
  let text = stringAt(db, key) ?? ''
  let bytes = 0
  for (const { kind, offset, width } of operations) {
    if (kind !== 'GET') bytes = Math.max(bytes, Math.floor((offset + width - 1) / 8) + 1)
  }
  text = padded(text, bytes)
  const replies: Reply[] = []
  for (const operation of operations) {
    const { offset, width, isSigned } = operation
    const raw = readBits(text, offset, width)
    const before = isSigned ? BigInt.asIntN(width, raw) : raw
    const after = operation.kind === 'GET' ? before : changed(operation, before)
    if (after !== null && operation.kind !== 'GET') text = writeBits(text, offset, width, BigInt.asUintN(width, after))
    replies.push(operation.kind === 'SET' && after !== null ? before : after)
  }
  if (bytes > 0) {
    db.set(key, text)
    db.markEncoding(key, 'raw')
  }
  return replies
}

/** What SET and INCRBY put in its place; null when it does not fit and nothing is to be done then. */
function changed({ kind, isSigned, width, value, overflow }: Operation, before: bigint): bigint | null {
  const given = isSigned ? value : BigInt.asUintN(64, value)
  const wanted = kind === 'SET' ? given : before + value
  const most = (1n << BigInt(isSigned ? width - 1 : width)) - 1n
  const least = isSigned ? -most - 1n : 0n
  if (wanted >= least && wanted <= most) return wanted
  if (overflow === 'FAIL') return null
  if (overflow === 'SAT') return wanted > most ? most : least
  return isSigned ? BigInt.asIntN(width, wanted) : BigInt.asUintN(width, wanted)
}

function parseOperations(args: readonly string[], isReadOnly: boolean): readonly Operation[] {
  const operations: Operation[] = []
  let overflow: Overflow = 'WRAP'
  for (let i = 2; i < args.length; ) {
    const kind = (args[i] as string).toUpperCase()
    const left = args.length - i - 1
    if (kind === 'OVERFLOW' && left >= 1) {
      overflow = overflowOf(args[i + 1] as string)
      i += 2
      continue
    }
    const needed = kind === 'GET' ? 2 : 3
    if ((kind !== 'GET' && kind !== 'SET' && kind !== 'INCRBY') || left < needed) throw new ErrorReply(SYNTAX)
    const { isSigned, width } = typeOf(args[i + 1] as string)
    const offset = offsetOf(args[i + 2] as string, width, kind === 'GET' ? READABLE_BITS : STRING_BYTES_MAX * 8)
    const value = kind === 'GET' ? 0n : parseInteger(args[i + 3] as string)
    if (value === null) throw new ErrorReply(NOT_INTEGER)
    operations.push({ kind, isSigned, width, offset, value, overflow })
    i += needed + 1
  }
  if (isReadOnly && operations.some((operation) => operation.kind !== 'GET')) {
    throw new ErrorReply('ERR BITFIELD_RO only supports the GET subcommand')
  }
  return operations
}

function overflowOf(word: string): Overflow {
  const overflow = word.toUpperCase()
  if (overflow === 'WRAP' || overflow === 'SAT' || overflow === 'FAIL') return overflow
  throw new ErrorReply('ERR Invalid OVERFLOW type specified')
}

function typeOf(text: string): { isSigned: boolean; width: number } {
  const sign = text.charAt(0)
  const width = Number(parseInteger(text.slice(1)) ?? 0n)
  if ((sign !== 'i' && sign !== 'u') || width < 1 || width > (sign === 'i' ? 64 : 63)) {
    throw new ErrorReply(
      'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.',
    )
  }
  return { isSigned: sign === 'i', width }
}

/** `#3` counts in widths. */
function offsetOf(text: string, width: number, max: number): number {
  const error = 'ERR bit offset is not an integer or out of range'
  const isCounted = text.startsWith('#')
  const offset = integerOf(isCounted ? text.slice(1) : text, error) * (isCounted ? width : 1)
  if (offset < 0 || offset + width > max) throw new ErrorReply(error)
  return offset
}
