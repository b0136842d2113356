import { integerOf, NOT_FLOAT, NOT_INTEGER, parseInteger, SYNTAX, wrongArity } from '../arguments.ts'
import type { Call, Command } from '../command.ts'
import { cut } from '../cut.ts'
import { type ExpiryUnit, expiryAtMs } from '../expiry-option.ts'
import { sumOfIntegers } from '../integer-sum.ts'
import { STRING_BYTES_MAX } from '../limits.ts'
import { addLongDoubles, longDoubleText, parseLongDouble } from '../long-double.ts'
import { ErrorReply, OK, type Reply } from '../reply.ts'
import { stringAt } from '../typed.ts'
import { MIN_64 } from '../values/integers.ts'
import { stringEncoding } from '../values/string.ts'
import { lcs } from './lcs.ts'

/** https://redis.io/docs/latest/commands/?group=string, as of 7.0. */
export const strings: readonly Command[] = [
  { name: 'set', arity: -3, flags: ['write', 'denyoom'], keys: [1, 1, 1], run: set },
  { name: 'get', arity: 2, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: get },
  { name: 'getex', arity: -2, flags: ['write', 'fast'], keys: [1, 1, 1], run: getex },
  { name: 'getdel', arity: 2, flags: ['write', 'fast'], keys: [1, 1, 1], run: getdel },
  { name: 'getset', arity: 3, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: getset },
  { name: 'append', arity: 3, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: append },
  { name: 'setrange', arity: 4, flags: ['write', 'denyoom'], keys: [1, 1, 1], run: setrange },
  { name: 'getrange', arity: 4, flags: ['readonly'], keys: [1, 1, 1], run: getrange },
  { name: 'substr', arity: 4, flags: ['readonly'], keys: [1, 1, 1], run: getrange },
  { name: 'strlen', arity: 2, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: strlen },
  { name: 'lcs', arity: -3, flags: ['readonly'], keys: [1, 2, 1], run: lcs },
  { name: 'incr', arity: 2, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: incr },
  { name: 'decr', arity: 2, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: decr },
  { name: 'incrby', arity: 3, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: incrby },
  { name: 'decrby', arity: 3, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: decrby },
  { name: 'incrbyfloat', arity: 3, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: incrbyfloat },
  { name: 'mget', arity: -2, flags: ['readonly', 'fast'], keys: [1, -1, 1], run: mget },
  { name: 'mset', arity: -3, flags: ['write', 'denyoom'], keys: [1, -1, 2], run: mset },
  { name: 'msetnx', arity: -3, flags: ['write', 'denyoom'], keys: [1, -1, 2], run: msetnx },
  { name: 'setnx', arity: 3, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: setnx },
  { name: 'setex', arity: 4, flags: ['write', 'denyoom'], keys: [1, 1, 1], run: setex },
  { name: 'psetex', arity: 4, flags: ['write', 'denyoom'], keys: [1, 1, 1], run: psetex },
]

function get({ db }: Call, args: readonly string[]): Reply {
  return stringAt(db, args[1] as string) ?? null
}

function set(call: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const value = args[2] as string
  if (args.length === 3) {
    call.db.set(key, value, true)
    return OK
  }
  const options = parseOptions(args, 3, SET_WORDS)
  const atMs = options.unit === null ? null : expiryAtMs(options.unit, options.time, call.nowMs, 'set')
  const before = options.isGet ? (stringAt(call.db, key) ?? null) : null
  if (options.condition !== null && call.db.has(key) !== (options.condition === 'XX')) return before
  call.db.set(key, value, !options.isKeepTtl)
  if (atMs !== null) {
    call.db.expireAt(key, Number(atMs))
    call.effect('SET', key, value, 'PXAT', String(atMs))
  }
  return options.isGet ? before : OK
}

interface SetOptions {
  condition: 'NX' | 'XX' | null
  isGet: boolean
  isKeepTtl: boolean
  isPersist: boolean
  unit: ExpiryUnit | null
  time: string
}

const TIMES = ['EX', 'PX', 'EXAT', 'PXAT']
const SET_WORDS: ReadonlySet<string> = new Set(['NX', 'XX', 'GET', 'KEEPTTL', ...TIMES])
const GETEX_WORDS: ReadonlySet<string> = new Set(['PERSIST', ...TIMES])

/** The words after `start`, each in the company that Redis allows; a time twice in the same unit is one. */
function parseOptions(args: readonly string[], start: number, words: ReadonlySet<string>): SetOptions {
  const options: SetOptions = {
    condition: null,
    isGet: false,
    isKeepTtl: false,
    isPersist: false,
    unit: null,
    time: '',
  }
  for (let i = start; i < args.length; i++) {
    const word = (args[i] as string).toUpperCase()
    if (!words.has(word)) throw new ErrorReply(SYNTAX)
    if (word === 'NX' || word === 'XX') {
      if (options.condition !== null && options.condition !== word) throw new ErrorReply(SYNTAX)
      options.condition = word
    } else if (word === 'GET') {
      options.isGet = true
    } else if (word === 'KEEPTTL' || word === 'PERSIST') {
      if (options.unit !== null) throw new ErrorReply(SYNTAX)
      if (word === 'KEEPTTL') options.isKeepTtl = true
      else options.isPersist = true
    } else {
      const isOther = options.unit !== null && options.unit !== word
      if (isOther || options.isKeepTtl || options.isPersist || i + 1 === args.length) throw new ErrorReply(SYNTAX)
      options.unit = word as ExpiryUnit
      options.time = args[++i] as string
    }
  }
  return options
}

function getex(call: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const { unit, time, isPersist } = parseOptions(args, 2, GETEX_WORDS)
  const value = stringAt(call.db, key)
  if (value === undefined) return null
  if (unit !== null) {
    const atMs = expiryAtMs(unit, time, call.nowMs, 'getex')
    if (atMs > call.nowMs) {
      call.db.expireAt(key, Number(atMs))
      call.effect('PEXPIREAT', key, String(atMs))
    } else {
      call.db.remove(key)
      call.effect('DEL', key)
    }
  } else if (isPersist && call.db.persist(key)) {
    call.effect('PERSIST', key)
  }
  return value
}

function getdel({ db }: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const value = stringAt(db, key)
  if (value === undefined) return null
  db.remove(key)
  return value
}

function getset({ db }: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const before = stringAt(db, key) ?? null
  db.set(key, args[2] as string, true)
  return before
}

function setnx({ db }: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  if (db.has(key)) return 0
  db.set(key, args[2] as string, true)
  return 1
}

function setex(call: Call, args: readonly string[]): Reply {
  return setUntil(call, args, 'EX')
}
function psetex(call: Call, args: readonly string[]): Reply {
  return setUntil(call, args, 'PX')
}
function setUntil(call: Call, args: readonly string[], unit: ExpiryUnit): Reply {
  const key = args[1] as string
  const value = args[3] as string
  const atMs = expiryAtMs(unit, args[2] as string, call.nowMs, unit === 'EX' ? 'setex' : 'psetex')
  call.db.set(key, value, true)
  call.db.expireAt(key, Number(atMs))
  call.effect('SET', key, value, 'PXAT', String(atMs))
  return OK
}

function strlen({ db }: Call, args: readonly string[]): Reply {
  return stringAt(db, args[1] as string)?.length ?? 0
}

function checkLength(length: number): void {
  if (length > STRING_BYTES_MAX) throw new ErrorReply('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
}

function append({ db }: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const tail = args[2] as string
  const value = stringAt(db, key)
  const length = (value?.length ?? 0) + tail.length
  checkLength(length)
  db.set(key, (value ?? '') + tail)
  if (value !== undefined) db.markEncoding(key, 'raw')
  return length
}

function setrange({ db }: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const offset = integerOf(args[2] as string)
  const part = args[3] as string
  if (offset < 0) throw new ErrorReply('ERR offset is out of range')
  const value = stringAt(db, key) ?? ''
  if (part === '') return value.length
  checkLength(offset + part.length)
  const before = offset > value.length ? value + '\0'.repeat(offset - value.length) : value.slice(0, offset)
  const after = before + part + value.slice(offset + part.length)
  db.set(key, after)
  db.markEncoding(key, 'raw')
  return after.length
}

function getrange({ db }: Call, args: readonly string[]): Reply {
  let start = integerOf(args[2] as string)
  let end = integerOf(args[3] as string)
  const value = stringAt(db, args[1] as string)
  if (value === undefined || (start < 0 && end < 0 && start > end)) return ''
  if (start < 0) start = Math.max(start + value.length, 0)
  if (end < 0) end = Math.max(end + value.length, 0)
  return cut(value, start, Math.min(end + 1, value.length))
}

function incr(call: Call, args: readonly string[]): Reply {
  return add(call, args[1] as string, '1')
}
function decr(call: Call, args: readonly string[]): Reply {
  return add(call, args[1] as string, '-1')
}
function incrby(call: Call, args: readonly string[]): Reply {
  const delta = args[2] as string
  if (parseInteger(delta) === null) throw new ErrorReply(NOT_INTEGER)
  return add(call, args[1] as string, delta)
}
function decrby(call: Call, args: readonly string[]): Reply {
  const delta = parseInteger(args[2] as string)
  if (delta === null) throw new ErrorReply(NOT_INTEGER)
  if (delta === MIN_64) throw new ErrorReply('ERR decrement would overflow')
  return add(call, args[1] as string, String(-delta))
}

function add({ db }: Call, key: string, delta: string): Reply {
  const sum = sumOfIntegers(stringAt(db, key) ?? '0', delta, NOT_INTEGER)
  db.set(key, String(sum))
  return sum
}

function incrbyfloat(call: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const value = parseLongDouble(stringAt(call.db, key) ?? '0')
  const delta = parseLongDouble(args[2] as string)
  if (value === null || delta === null) throw new ErrorReply(NOT_FLOAT)
  const sum = value === 'infinite' || delta === 'infinite' ? null : addLongDoubles(value, delta)
  if (sum === null) throw new ErrorReply('ERR increment would produce NaN or Infinity')
  const text = longDoubleText(sum)
  call.db.set(key, text)
  // Never as an integer, though it may be one.
  if (stringEncoding(text) === 'int') call.db.markEncoding(key, 'embstr')
  call.effect('SET', key, text, 'KEEPTTL')
  return text
}

function mget({ db }: Call, args: readonly string[]): Reply {
  const values: Reply[] = []
  for (let i = 1; i < args.length; i++) {
    const value = db.get(args[i] as string)
    values.push(typeof value === 'string' ? value : null)
  }
  return values
}

function mset({ db }: Call, args: readonly string[]): Reply {
  if (args.length % 2 === 0) throw wrongArity('mset')
  for (let i = 1; i < args.length; i += 2) db.set(args[i] as string, args[i + 1] as string, true)
  return OK
}

function msetnx({ db }: Call, args: readonly string[]): Reply {
  if (args.length % 2 === 0) throw wrongArity('msetnx')
  for (let i = 1; i < args.length; i += 2) if (db.has(args[i] as string)) return 0
  for (let i = 1; i < args.length; i += 2) db.set(args[i] as string, args[i + 1] as string, true)
  return 1
}
