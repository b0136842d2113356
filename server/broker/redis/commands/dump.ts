import { crc32 } from 'node:zlib'
import { integerOf, SYNTAX } from '../arguments.ts'
import { ByteReader, ByteWriter } from '../bytes.ts'
import type { Call, Command } from '../command.ts'
import { ErrorReply, OK, type Reply } from '../reply.ts'
import type { Value } from '../value.ts'
import { readValue, writeValue } from '../value-codec.ts'

/** Values as bytes, between engines of this kind: payload = value mark version CRC-32. */
export const dump: readonly Command[] = [
  { name: 'dump', arity: 2, flags: ['readonly'], keys: [1, 1, 1], run: dumpKey },
  { name: 'restore', arity: -4, flags: ['write', 'denyoom'], keys: [1, 1, 1], run: restoreKey },
]

const MARK = 0x4c53
const VERSION = 1
const FOOTER_BYTES = 7

function dumpKey(call: Call, args: readonly string[]): Reply {
  const value = call.db.get(args[1] as string)
  if (value === undefined) return null
  const writer = new ByteWriter(256)
  writeValue(writer, value)
  writer.byte(MARK & 0xff)
  writer.byte(MARK >> 8)
  writer.byte(VERSION)
  writer.uint(crc32(writer.written))
  return writer.written.toString('latin1')
}

/** RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency] */
function restoreKey(call: Call, args: readonly string[]): Reply {
  const { replaces, isAbsolute } = restoreOptions(args)
  const key = args[1] as string
  if (!replaces && call.db.has(key)) throw new ErrorReply('BUSYKEY Target key name already exists.')
  const ttl = integerOf(args[2] as string)
  if (ttl < 0) throw new ErrorReply('ERR Invalid TTL value, must be >= 0')
  const payload = args[3] as string
  const value = valueIn(payload)
  const expiresAtMs = ttl === 0 ? null : isAbsolute ? ttl : call.nowMs + ttl
  if (expiresAtMs !== null && expiresAtMs <= call.nowMs) {
    if (call.db.remove(key)) call.effect('DEL', key)
    return OK
  }
  call.db.set(key, value, true)
  if (expiresAtMs !== null) call.db.expireAt(key, expiresAtMs)
  call.effect('RESTORE', key, String(expiresAtMs ?? 0), payload, 'REPLACE', 'ABSTTL')
  return OK
}

function restoreOptions(args: readonly string[]): { readonly replaces: boolean; readonly isAbsolute: boolean } {
  let replaces = false
  let isAbsolute = false
  let idleOrFrequency: string | null = null
  for (let at = 4; at < args.length; at++) {
    const option = (args[at] as string).toUpperCase()
    const isHint = option === 'IDLETIME' || option === 'FREQ'
    if (option === 'REPLACE') replaces = true
    else if (option === 'ABSTTL') isAbsolute = true
    else if (isHint && at + 1 < args.length && (idleOrFrequency === null || idleOrFrequency === option)) {
      // Nothing is ever evicted here: the numbers are checked, and of no use.
      checkHint(option, integerOf(args[++at] as string))
      idleOrFrequency = option
    } else throw new ErrorReply(SYNTAX)
  }
  return { replaces, isAbsolute }
}

function checkHint(option: string, value: number): void {
  if (option === 'IDLETIME' && value < 0) throw new ErrorReply('ERR Invalid IDLETIME value, must be >= 0')
  if (option === 'FREQ' && (value < 0 || value > 255)) {
    throw new ErrorReply('ERR Invalid FREQ value, must be >= 0 and <= 255')
  }
}

function valueIn(payload: string): Value {
  const bytes = Buffer.from(payload, 'latin1')
  const end = bytes.length - FOOTER_BYTES
  const isOurs =
    end > 0 &&
    bytes.readUInt16LE(end) === MARK &&
    bytes[end + 2] === VERSION &&
    bytes.readUInt32LE(end + 3) === crc32(bytes.subarray(0, end + 3))
  if (!isOurs) throw new ErrorReply('ERR DUMP payload version or checksum are wrong')
  try {
    const reader = new ByteReader(bytes.subarray(0, end))
    const value = readValue(reader)
    if (reader.isAtEnd) return value
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  throw new ErrorReply('ERR Bad data format')
}
