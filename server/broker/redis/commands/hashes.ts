import { NOT_FLOAT, NOT_INTEGER, parseInteger, wrongArity } from '../arguments.ts'
import { parseCursor, scanPage } from '../collection-scan.ts'
import type { Call, Command } from '../command.ts'
import { sumOfIntegers } from '../integer-sum.ts'
import { addLongDoubles, longDoubleText, parseLongDouble } from '../long-double.ts'
import { distinctPlaces, parseRandomQuery } from '../random-pick.ts'
import { ErrorReply, MapReply, OK, type Reply } from '../reply.ts'
import { hashAt, removeMembers } from '../typed.ts'
import { HashValue } from '../values/hash.ts'

/** https://redis.io/docs/latest/commands/?group=hash, as of 7.0. */
export const hashes: readonly Command[] = [
  { name: 'hset', arity: -4, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: hset },
  { name: 'hsetnx', arity: 4, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: hsetnx },
  { name: 'hmset', arity: -4, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: hmset },
  { name: 'hget', arity: 3, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: hget },
  { name: 'hmget', arity: -3, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: hmget },
  { name: 'hgetall', arity: 2, flags: ['readonly'], keys: [1, 1, 1], run: hgetall },
  { name: 'hdel', arity: -3, flags: ['write', 'fast'], keys: [1, 1, 1], run: hdel },
  { name: 'hexists', arity: 3, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: hexists },
  { name: 'hlen', arity: 2, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: hlen },
  { name: 'hstrlen', arity: 3, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: hstrlen },
  { name: 'hincrby', arity: 4, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: hincrby },
  { name: 'hincrbyfloat', arity: 4, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: hincrbyfloat },
  { name: 'hkeys', arity: 2, flags: ['readonly'], keys: [1, 1, 1], run: hkeys },
  { name: 'hvals', arity: 2, flags: ['readonly'], keys: [1, 1, 1], run: hvals },
  { name: 'hscan', arity: -3, flags: ['readonly'], keys: [1, 1, 1], run: hscan },
  { name: 'hrandfield', arity: -2, flags: ['readonly'], keys: [1, 1, 1], run: hrandfield },
]

function setFields({ db }: Call, args: readonly string[], command: string): number {
  if (args.length % 2 === 1) throw wrongArity(command)
  const key = args[1] as string
  const found = hashAt(db, key)
  const hash = found ?? new HashValue()
  if (found !== undefined) db.changing(key)
  let added = 0
  for (let i = 2; i < args.length; i += 2) if (hash.set(args[i] as string, args[i + 1] as string)) added++
  if (found === undefined) db.set(key, hash)
  else db.changed(key)
  return added
}

function hset(call: Call, args: readonly string[]): Reply {
  return setFields(call, args, 'hset')
}
function hmset(call: Call, args: readonly string[]): Reply {
  setFields(call, args, 'hmset')
  return OK
}
function hsetnx(call: Call, args: readonly string[]): Reply {
  if (hashAt(call.db, args[1] as string)?.has(args[2] as string)) return 0
  setFields(call, args, 'hsetnx')
  return 1
}

function hget({ db }: Call, args: readonly string[]): Reply {
  return hashAt(db, args[1] as string)?.get(args[2] as string) ?? null
}

function hmget({ db }: Call, args: readonly string[]): Reply {
  const hash = hashAt(db, args[1] as string)
  const values: Reply[] = []
  for (let i = 2; i < args.length; i++) values.push(hash?.get(args[i] as string) ?? null)
  return values
}

function hgetall({ db }: Call, args: readonly string[]): Reply {
  const pairs: string[] = []
  const hash = hashAt(db, args[1] as string)
  if (hash !== undefined) for (const [field, value] of hash.entries()) pairs.push(field, value)
  return new MapReply(pairs)
}

function hdel({ db }: Call, args: readonly string[]): Reply {
  return removeMembers(db, args, hashAt(db, args[1] as string))
}

function hexists({ db }: Call, args: readonly string[]): Reply {
  return hashAt(db, args[1] as string)?.has(args[2] as string) ? 1 : 0
}
function hlen({ db }: Call, args: readonly string[]): Reply {
  return hashAt(db, args[1] as string)?.size ?? 0
}
function hstrlen({ db }: Call, args: readonly string[]): Reply {
  return hashAt(db, args[1] as string)?.get(args[2] as string)?.length ?? 0
}
function hkeys({ db }: Call, args: readonly string[]): Reply {
  const hash = hashAt(db, args[1] as string)
  return hash === undefined ? [] : [...hash.fields()]
}
function hvals({ db }: Call, args: readonly string[]): Reply {
  const hash = hashAt(db, args[1] as string)
  return hash === undefined ? [] : [...hash.values()]
}

function setField({ db }: Call, args: readonly string[], value: string): void {
  const key = args[1] as string
  const found = hashAt(db, key)
  const hash = found ?? new HashValue()
  if (found !== undefined) db.changing(key)
  hash.set(args[2] as string, value)
  if (found === undefined) db.set(key, hash)
  else db.changed(key)
}

function hincrby(call: Call, args: readonly string[]): Reply {
  const delta = args[3] as string
  if (parseInteger(delta) === null) throw new ErrorReply(NOT_INTEGER)
  const value = hashAt(call.db, args[1] as string)?.get(args[2] as string) ?? '0'
  const sum = sumOfIntegers(value, delta, 'ERR hash value is not an integer')
  setField(call, args, String(sum))
  return sum
}

function hincrbyfloat(call: Call, args: readonly string[]): Reply {
  const delta = parseLongDouble(args[3] as string)
  if (delta === null) throw new ErrorReply(NOT_FLOAT)
  if (delta === 'infinite') throw new ErrorReply('ERR value is NaN or Infinity')
  const value = parseLongDouble(hashAt(call.db, args[1] as string)?.get(args[2] as string) ?? '0')
  if (value === null) throw new ErrorReply('ERR hash value is not a float')
  const sum = value === 'infinite' ? null : addLongDoubles(value, delta)
  if (sum === null) throw new ErrorReply('ERR increment would produce NaN or Infinity')
  const text = longDoubleText(sum)
  setField(call, args, text)
  call.effect('HSET', args[1] as string, args[2] as string, text)
  return text
}

function hscan({ db }: Call, args: readonly string[]): Reply {
  const cursor = parseCursor(args[2] as string)
  const hash = hashAt(db, args[1] as string)
  if (hash === undefined) return ['0', []]
  const page = scanPage(hash, cursor, args)
  const pairs: string[] = []
  for (const field of page.members) pairs.push(field, hash.get(field) as string)
  return [page.cursor, pairs]
}

function hrandfield(call: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  if (args.length === 2) return pickField(call, hashAt(call.db, key))
  const { count, isWithValues } = parseRandomQuery(args, 'WITHVALUES')
  const hash = hashAt(call.db, key)
  if (hash === undefined || count === 0) return []
  const fields = randomFields(call, hash, count)
  if (!isWithValues) return fields
  const pairs = fields.map((field) => [field, hash.get(field) as string])
  return call.protocol === 3 ? pairs : pairs.flat()
}

function pickField(call: Call, hash: HashValue | undefined): Reply {
  return hash === undefined ? null : hash.pick(call.random())
}

function randomFields(call: Call, hash: HashValue, count: number): readonly string[] {
  if (count < 0) return Array.from({ length: -count }, () => hash.pick(call.random()))
  const fields = [...hash.fields()]
  if (count >= fields.length) return fields
  return distinctPlaces(count, fields.length, () => call.random()).map((place) => fields[place] as string)
}
