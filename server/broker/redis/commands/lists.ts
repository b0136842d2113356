import { integerFrom, integerOf, SYNTAX, wrongArity } from '../arguments.ts'
import type { Call, Command } from '../command.ts'
import { ErrorReply, NIL_ARRAY, OK, type Reply } from '../reply.ts'
import { changedOrEmpty, listAt } from '../typed.ts'
import { ListValue } from '../values/list.ts'
import { listMoves } from './list-moves.ts'

/** https://redis.io/docs/latest/commands/?group=list, as of 7.0. */
export const lists: readonly Command[] = [
  { name: 'lpush', arity: -3, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: lpush },
  { name: 'rpush', arity: -3, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: rpush },
  { name: 'lpushx', arity: -3, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: lpushx },
  { name: 'rpushx', arity: -3, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: rpushx },
  { name: 'lpop', arity: -2, flags: ['write', 'fast'], keys: [1, 1, 1], run: lpop },
  { name: 'rpop', arity: -2, flags: ['write', 'fast'], keys: [1, 1, 1], run: rpop },
  { name: 'llen', arity: 2, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: llen },
  { name: 'lrange', arity: 4, flags: ['readonly'], keys: [1, 1, 1], run: lrange },
  { name: 'lindex', arity: 3, flags: ['readonly'], keys: [1, 1, 1], run: lindex },
  { name: 'lset', arity: 4, flags: ['write', 'denyoom'], keys: [1, 1, 1], run: lset },
  { name: 'lrem', arity: 4, flags: ['write'], keys: [1, 1, 1], run: lrem },
  { name: 'ltrim', arity: 4, flags: ['write'], keys: [1, 1, 1], run: ltrim },
  { name: 'lpos', arity: -3, flags: ['readonly'], keys: [1, 1, 1], run: lpos },
  { name: 'linsert', arity: 5, flags: ['write', 'denyoom'], keys: [1, 1, 1], run: linsert },
  ...listMoves,
]

function lpush(call: Call, args: readonly string[]): Reply {
  return push(call, args, { isLeft: true, isOnlyIfThere: false })
}
function rpush(call: Call, args: readonly string[]): Reply {
  return push(call, args, { isLeft: false, isOnlyIfThere: false })
}
function lpushx(call: Call, args: readonly string[]): Reply {
  return push(call, args, { isLeft: true, isOnlyIfThere: true })
}
function rpushx(call: Call, args: readonly string[]): Reply {
  return push(call, args, { isLeft: false, isOnlyIfThere: true })
}

function push(
  { db }: Call,
  args: readonly string[],
  { isLeft, isOnlyIfThere }: { readonly isLeft: boolean; readonly isOnlyIfThere: boolean },
): Reply {
  const key = args[1] as string
  const found = listAt(db, key)
  if (found === undefined && isOnlyIfThere) return 0
  const list = found ?? new ListValue()
  if (found !== undefined) db.changing(key)
  for (let i = 2; i < args.length; i++) {
    if (isLeft) list.pushLeft(args[i] as string)
    else list.pushRight(args[i] as string)
  }
  if (found === undefined) db.set(key, list)
  else db.changed(key)
  return list.size
}

function lpop(call: Call, args: readonly string[]): Reply {
  return pop(call, args, true)
}
function rpop(call: Call, args: readonly string[]): Reply {
  return pop(call, args, false)
}

function pop({ db }: Call, args: readonly string[], isLeft: boolean): Reply {
  if (args.length > 3) throw wrongArity(isLeft ? 'lpop' : 'rpop')
  const key = args[1] as string
  const isOne = args.length === 2
  const count = isOne ? 1 : integerFrom(0, args[2] as string, 'ERR value is out of range, must be positive')
  const list = listAt(db, key)
  if (list === undefined) return isOne ? null : NIL_ARRAY
  if (count === 0) return []
  db.changing(key)
  let reply: Reply
  if (isOne) {
    reply = isLeft ? list.popLeft() : list.popRight()
  } else {
    const items: string[] = []
    for (let left = Math.min(count, list.size); left > 0; left--) items.push(isLeft ? list.popLeft() : list.popRight())
    reply = items
  }
  changedOrEmpty(db, key, list.size)
  return reply
}

function llen({ db }: Call, args: readonly string[]): Reply {
  return listAt(db, args[1] as string)?.size ?? 0
}

function lrange({ db }: Call, args: readonly string[]): Reply {
  const start = integerOf(args[2] as string)
  const end = integerOf(args[3] as string)
  const list = listAt(db, args[1] as string)
  if (list === undefined) return []
  const from = Math.max(start < 0 ? start + list.size : start, 0)
  const to = Math.min(end < 0 ? end + list.size : end, list.size - 1)
  return from > to ? [] : list.slice(from, to - from + 1)
}

function lindex({ db }: Call, args: readonly string[]): Reply {
  const list = listAt(db, args[1] as string)
  if (list === undefined) return null
  const index = integerOf(args[2] as string)
  const place = index < 0 ? index + list.size : index
  return place >= 0 && place < list.size ? list.at(place) : null
}

function lset({ db }: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const list = listAt(db, key)
  if (list === undefined) throw new ErrorReply('ERR no such key')
  const index = integerOf(args[2] as string)
  const place = index < 0 ? index + list.size : index
  if (place < 0 || place >= list.size) throw new ErrorReply('ERR index out of range')
  db.changing(key)
  list.set(place, args[3] as string)
  db.changed(key)
  return OK
}

function lrem({ db }: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const limit = integerOf(args[2] as string)
  const list = listAt(db, key)
  if (list === undefined) return 0
  db.changing(key)
  const removed = list.remove(args[3] as string, limit)
  if (removed > 0) changedOrEmpty(db, key, list.size)
  return removed
}

function ltrim({ db }: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const start = integerOf(args[2] as string)
  const end = integerOf(args[3] as string)
  const list = listAt(db, key)
  if (list === undefined) return OK
  const from = Math.max(start < 0 ? start + list.size : start, 0)
  const to = Math.min(end < 0 ? end + list.size : end, list.size - 1)
  if (from > to) {
    db.remove(key)
    return OK
  }
  db.changing(key)
  list.keep(from, to - from + 1)
  db.changed(key)
  return OK
}

function linsert({ db }: Call, args: readonly string[]): Reply {
  const where = (args[2] as string).toUpperCase()
  if (where !== 'BEFORE' && where !== 'AFTER') throw new ErrorReply(SYNTAX)
  const key = args[1] as string
  const list = listAt(db, key)
  if (list === undefined) return 0
  for (let i = 0; i < list.size; i++) {
    if (list.at(i) !== args[3]) continue
    db.changing(key)
    list.insert(where === 'BEFORE' ? i : i + 1, args[4] as string)
    db.changed(key)
    return list.size
  }
  return -1
}

interface PositionOptions {
  rank: number
  /** Null: the first only, not as an array. */
  count: number | null
  lengthMax: number
}

function positionOptions(args: readonly string[]): PositionOptions {
  const options: PositionOptions = { rank: 1, count: null, lengthMax: 0 }
  for (let i = 3; i < args.length; i += 2) {
    const word = (args[i] as string).toUpperCase()
    const value = args[i + 1]
    if (value === undefined) throw new ErrorReply(SYNTAX)
    if (word === 'RANK') options.rank = rankOf(value)
    else if (word === 'COUNT') options.count = integerFrom(0, value, "ERR COUNT can't be negative")
    else if (word === 'MAXLEN') options.lengthMax = integerFrom(0, value, "ERR MAXLEN can't be negative")
    else throw new ErrorReply(SYNTAX)
  }
  return options
}

function rankOf(text: string): number {
  const rank = integerOf(text)
  // What cannot be turned around skips nothing, in Redis.
  if (text === '-9223372036854775808') return -1
  if (rank !== 0) return rank
  throw new ErrorReply(
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... " +
      'or use negative to start from the end of the list',
  )
}

function lpos({ db }: Call, args: readonly string[]): Reply {
  const item = args[2] as string
  const { rank, count, lengthMax } = positionOptions(args)
  const list = listAt(db, args[1] as string)
  if (list === undefined) return count === null ? null : []
  const found: number[] = []
  const wanted = count === null ? 1 : count === 0 ? list.size : count
  const steps = lengthMax === 0 ? list.size : Math.min(lengthMax, list.size)
  let skip = Math.abs(rank) - 1
  for (let step = 0; step < steps && found.length < wanted; step++) {
    const place = rank > 0 ? step : list.size - 1 - step
    if (list.at(place) !== item) continue
    if (skip > 0) skip--
    else found.push(place)
  }
  return count === null ? (found[0] ?? null) : found
}
