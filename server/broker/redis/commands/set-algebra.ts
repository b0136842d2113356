import { integerFrom, SYNTAX } from '../arguments.ts'
import type { Call, Command } from '../command.ts'
import { countedKeys } from '../counted-keys.ts'
import type { Db } from '../db.ts'
import { ErrorReply, type Reply, SetReply } from '../reply.ts'
import { setAt } from '../typed.ts'
import { SetValue } from '../values/set.ts'

export const setAlgebra: readonly Command[] = [
  { name: 'sinter', arity: -2, flags: ['readonly'], keys: [1, -1, 1], run: sinter },
  { name: 'sunion', arity: -2, flags: ['readonly'], keys: [1, -1, 1], run: sunion },
  { name: 'sdiff', arity: -2, flags: ['readonly'], keys: [1, -1, 1], run: sdiff },
  { name: 'sinterstore', arity: -3, flags: ['write', 'denyoom'], keys: [1, -1, 1], run: sinterstore },
  { name: 'sunionstore', arity: -3, flags: ['write', 'denyoom'], keys: [1, -1, 1], run: sunionstore },
  { name: 'sdiffstore', arity: -3, flags: ['write', 'denyoom'], keys: [1, -1, 1], run: sdiffstore },
  {
    name: 'sintercard',
    arity: -3,
    flags: ['readonly'],
    keys: [0, 0, 0],
    keysOf: (args) => countedKeys(args, 1),
    run: sintercard,
  },
]

function sinter({ db }: Call, args: readonly string[]): Reply {
  return new SetReply(intersection(setsAt(db, args.slice(1)), Number.POSITIVE_INFINITY).toArray())
}
function sunion({ db }: Call, args: readonly string[]): Reply {
  return new SetReply(union(setsAt(db, args.slice(1))).toArray())
}
function sdiff({ db }: Call, args: readonly string[]): Reply {
  return new SetReply(difference(setsAt(db, args.slice(1))).toArray())
}
function sinterstore({ db }: Call, args: readonly string[]): Reply {
  return store(db, args[1] as string, intersection(setsAt(db, args.slice(2)), Number.POSITIVE_INFINITY))
}
function sunionstore({ db }: Call, args: readonly string[]): Reply {
  return store(db, args[1] as string, union(setsAt(db, args.slice(2))))
}
function sdiffstore({ db }: Call, args: readonly string[]): Reply {
  return store(db, args[1] as string, difference(setsAt(db, args.slice(2))))
}

function sintercard({ db }: Call, args: readonly string[]): Reply {
  const count = integerFrom(1, args[1] as string, 'ERR numkeys should be greater than 0')
  if (count > args.length - 2) throw new ErrorReply("ERR Number of keys can't be greater than number of args")
  let limit = 0
  for (let i = 2 + count; i < args.length; i += 2) {
    const given = args[i + 1]
    if ((args[i] as string).toUpperCase() !== 'LIMIT' || given === undefined) throw new ErrorReply(SYNTAX)
    limit = integerFrom(0, given, "ERR LIMIT can't be negative")
  }
  const max = limit === 0 ? Number.POSITIVE_INFINITY : limit
  return intersection(setsAt(db, args.slice(2, 2 + count)), max).size
}

/** Undefined where there is no such key. */
function setsAt(db: Db, keys: readonly string[]): (SetValue | undefined)[] {
  return keys.map((key) => setAt(db, key))
}

function store(db: Db, key: string, result: SetValue): Reply {
  if (result.size === 0) db.remove(key)
  else db.set(key, result, true)
  return result.size
}

function intersection(given: readonly (SetValue | undefined)[], max: number): SetValue {
  const result = new SetValue()
  const all: SetValue[] = []
  for (const set of given) {
    if (set === undefined) return result
    all.push(set)
  }
  const [smallest, ...others] = all.sort((a, b) => a.size - b.size)
  if (smallest === undefined) return result
  for (const member of smallest.members()) {
    if (others.every((set) => set.has(member))) result.add(member)
    if (result.size >= max) break
  }
  return result
}

function union(given: readonly (SetValue | undefined)[]): SetValue {
  const result = new SetValue()
  for (const set of given) if (set !== undefined) for (const member of set.members()) result.add(member)
  return result
}

/**
 * The first without the others, by whichever costs less: to look each of its members up in the others, or to remove theirs. Redis weighs
 * them alike, and what it removed has left its mark on the encoding of the result.
 */
function difference(given: readonly (SetValue | undefined)[]): SetValue {
  const [first, ...rest] = given
  const result = new SetValue()
  if (first === undefined) return result
  const others = rest.filter((set) => set !== undefined)
  if (others.includes(first)) return result
  const lookUps = (first.size * (others.length + 1)) / 2
  const removals = first.size + others.reduce((sum, set) => sum + set.size, 0)
  if (Math.floor(lookUps) <= removals) {
    for (const member of first.members()) if (!others.some((set) => set.has(member))) result.add(member)
    return result
  }
  for (const member of first.members()) result.add(member)
  for (const set of others) for (const member of set.members()) result.delete(member)
  return result
}
