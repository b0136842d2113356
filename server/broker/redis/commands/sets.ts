import { integerFrom, SYNTAX } from '../arguments.ts'
import { parseCursor, scanPage } from '../collection-scan.ts'
import type { Call, Command } from '../command.ts'
import { distinctPlaces, parseRandomQuery } from '../random-pick.ts'
import { ErrorReply, type Reply, SetReply } from '../reply.ts'
import { changedOrEmpty, removeMembers, setAt } from '../typed.ts'
import { SetValue } from '../values/set.ts'
import { setAlgebra } from './set-algebra.ts'

/** https://redis.io/docs/latest/commands/?group=set, as of 7.0. */
export const sets: readonly Command[] = [
  { name: 'sadd', arity: -3, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: sadd },
  { name: 'srem', arity: -3, flags: ['write', 'fast'], keys: [1, 1, 1], run: srem },
  { name: 'scard', arity: 2, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: scard },
  { name: 'sismember', arity: 3, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: sismember },
  { name: 'smismember', arity: -3, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: smismember },
  { name: 'smembers', arity: 2, flags: ['readonly'], keys: [1, 1, 1], run: smembers },
  { name: 'spop', arity: -2, flags: ['write', 'fast'], keys: [1, 1, 1], run: spop },
  { name: 'srandmember', arity: -2, flags: ['readonly'], keys: [1, 1, 1], run: srandmember },
  { name: 'smove', arity: 4, flags: ['write', 'fast'], keys: [1, 2, 1], run: smove },
  { name: 'sscan', arity: -3, flags: ['readonly'], keys: [1, 1, 1], run: sscan },
  ...setAlgebra,
]

function sadd({ db }: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const found = setAt(db, key)
  const set = found ?? new SetValue()
  let added = 0
  for (let i = 2; i < args.length; i++) {
    const member = args[i] as string
    if (found !== undefined && added === 0) {
      if (set.has(member)) continue
      db.changing(key)
    }
    if (set.add(member)) added++
  }
  if (found === undefined) db.set(key, set)
  else if (added > 0) db.changed(key)
  return added
}

function srem({ db }: Call, args: readonly string[]): Reply {
  return removeMembers(db, args, setAt(db, args[1] as string))
}

function scard({ db }: Call, args: readonly string[]): Reply {
  return setAt(db, args[1] as string)?.size ?? 0
}

function sismember({ db }: Call, args: readonly string[]): Reply {
  return setAt(db, args[1] as string)?.has(args[2] as string) ? 1 : 0
}

function smismember({ db }: Call, args: readonly string[]): Reply {
  const set = setAt(db, args[1] as string)
  const answers: number[] = []
  for (let i = 2; i < args.length; i++) answers.push(set?.has(args[i] as string) ? 1 : 0)
  return answers
}

function smembers({ db }: Call, args: readonly string[]): Reply {
  return new SetReply(setAt(db, args[1] as string)?.toArray() ?? [])
}

function smove({ db }: Call, args: readonly string[]): Reply {
  const source = args[1] as string
  const target = args[2] as string
  const member = args[3] as string
  const from = setAt(db, source)
  if (from === undefined) return 0
  const found = setAt(db, target)
  if (from === found) return from.has(member) ? 1 : 0
  if (!from.has(member)) return 0
  db.changing(source)
  from.delete(member)
  changedOrEmpty(db, source, from.size)
  if (found === undefined) {
    db.set(target, new SetValue([member]))
  } else if (!found.has(member)) {
    db.changing(target)
    found.add(member)
    db.changed(target)
  }
  return 1
}

function spop(call: Call, args: readonly string[]): Reply {
  const { db } = call
  if (args.length > 3) throw new ErrorReply(SYNTAX)
  const key = args[1] as string
  if (args.length === 3) return popMany(call, key, args[2] as string)
  const set = setAt(db, key)
  if (set === undefined) return null
  const member = set.pick(call.random())
  db.changing(key)
  set.delete(member)
  changedOrEmpty(db, key, set.size)
  call.effect('SREM', key, member)
  return member
}

function popMany(call: Call, key: string, text: string): Reply {
  const { db } = call
  const count = integerFrom(0, text, 'ERR value is out of range, must be positive')
  const set = setAt(db, key)
  if (set === undefined || count === 0) return new SetReply([])
  const members = set.toArray()
  if (count >= members.length) {
    db.remove(key)
    call.effect('DEL', key)
    return new SetReply(members)
  }
  const places = distinctPlaces(count, members.length, () => call.random())
  const popped = places.map((place) => members[place] as string)
  db.changing(key)
  for (const member of popped) set.delete(member)
  // When few are left Redis keeps them as a new set, whose encoding begins anew.
  if (set.size * 5 <= count) db.set(key, new SetValue(set.members()))
  else db.changed(key)
  call.effect('SREM', key, ...popped)
  return new SetReply(popped)
}

function srandmember(call: Call, args: readonly string[]): Reply {
  if (args.length > 3) throw new ErrorReply(SYNTAX)
  const key = args[1] as string
  if (args.length === 2) return setAt(call.db, key)?.pick(call.random()) ?? null
  const { count } = parseRandomQuery(args, null)
  const set = setAt(call.db, key)
  if (set === undefined || count === 0) return []
  if (count < 0) return Array.from({ length: -count }, () => set.pick(call.random()))
  const members = set.toArray()
  if (count >= members.length) return members
  return distinctPlaces(count, members.length, () => call.random()).map((place) => members[place] as string)
}

function sscan({ db }: Call, args: readonly string[]): Reply {
  const cursor = parseCursor(args[2] as string)
  const set = setAt(db, args[1] as string)
  if (set === undefined) return ['0', []]
  const page = scanPage(set, cursor, args)
  return [page.cursor, page.members]
}
