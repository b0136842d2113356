import { integerFrom, SYNTAX } from '../arguments.ts'
import type { BLOCKED, Call, Command } from '../command.ts'
import { countedKeys, type ManyPop, parseManyPop } from '../counted-keys.ts'
import { DoubleReply, ErrorReply, NIL_ARRAY, type Reply } from '../reply.ts'
import { pairsReply, scoredReply } from '../scored-reply.ts'
import { timeoutMsOf } from '../timeout.ts'
import { changedOrEmpty, sortedSetAt } from '../typed.ts'
import { SortedSetValue } from '../values/sorted-set.ts'

/** Taking the lowest or the highest, with and without waiting. */
export const sortedSetPops: readonly Command[] = [
  { name: 'zpopmin', arity: -2, flags: ['write', 'fast'], keys: [1, 1, 1], run: zpopmin },
  { name: 'zpopmax', arity: -2, flags: ['write', 'fast'], keys: [1, 1, 1], run: zpopmax },
  { name: 'bzpopmin', arity: -3, flags: ['write', 'noscript', 'blocking', 'fast'], keys: [1, -2, 1], run: bzpopmin },
  { name: 'bzpopmax', arity: -3, flags: ['write', 'noscript', 'blocking', 'fast'], keys: [1, -2, 1], run: bzpopmax },
  {
    name: 'zmpop',
    arity: -4,
    flags: ['write'],
    keys: [0, 0, 0],
    keysOf: (args) => countedKeys(args, 1),
    run: zmpop,
  },
  {
    name: 'bzmpop',
    arity: -5,
    flags: ['write', 'blocking'],
    keys: [0, 0, 0],
    keysOf: (args) => countedKeys(args, 2),
    run: bzmpop,
  },
]

interface Take {
  readonly key: string
  readonly zset: SortedSetValue
  readonly isMin: boolean
  readonly count: number
}

interface Taken {
  readonly members: readonly string[]
  readonly scores: readonly number[]
}

function take(call: Call, { key, zset, isMin, count }: Take): Taken {
  const taken = Math.min(count, zset.size)
  const start = isMin ? 0 : zset.size - taken
  const members: string[] = []
  const scores: number[] = []
  zset.take(start, taken, members, scores)
  call.db.changing(key)
  zset.deleteRanks(start, taken)
  changedOrEmpty(call.db, key, zset.size)
  call.effect(isMin ? 'ZPOPMIN' : 'ZPOPMAX', key, String(taken))
  if (!isMin) {
    members.reverse()
    scores.reverse()
  }
  return { members, scores }
}

function zpopmin(call: Call, args: readonly string[]): Reply {
  return pop(call, args, true)
}
function zpopmax(call: Call, args: readonly string[]): Reply {
  return pop(call, args, false)
}

function pop(call: Call, args: readonly string[], isMin: boolean): Reply {
  if (args.length > 3) throw new ErrorReply(SYNTAX)
  const key = args[1] as string
  const given = args[2]
  const count = given === undefined ? 1 : integerFrom(0, given, 'ERR value is out of range, must be positive')
  const zset = sortedSetAt(call.db, key)
  if (zset === undefined || count === 0) return []
  const { members, scores } = take(call, { key, zset, isMin, count })
  return scoredReply(members, scores, given === undefined ? 2 : call.protocol)
}

function bzpopmin(call: Call, args: readonly string[]): Reply | typeof BLOCKED {
  return popOrWait(call, args, true)
}
function bzpopmax(call: Call, args: readonly string[]): Reply | typeof BLOCKED {
  return popOrWait(call, args, false)
}

function popOrWait(call: Call, args: readonly string[], isMin: boolean): Reply | typeof BLOCKED {
  const timeoutMs = timeoutMsOf(args[args.length - 1] as string, call.nowMs)
  const keys = args.slice(1, -1)
  for (const key of keys) {
    if (sortedSetAt(call.db, key) !== undefined) return popFirst(call, [key], isMin) as Reply
  }
  return call.block({
    keys,
    timeoutMs,
    attempt: (later, key) => popFirst(later, key === undefined ? keys : [key], isMin),
    timedOut: NIL_ARRAY,
  })
}

/** Key, member, score; passes over keys of another type, as a client that waited does. */
function popFirst(call: Call, keys: readonly string[], isMin: boolean): Reply | undefined {
  for (const key of keys) {
    const zset = call.db.get(key)
    if (!(zset instanceof SortedSetValue)) continue
    const { members, scores } = take(call, { key, zset, isMin, count: 1 })
    return [key, members[0] as string, new DoubleReply(scores[0] as number)]
  }
  return undefined
}

function zmpop(call: Call, args: readonly string[]): Reply {
  return popMany(call, parseManyPop(args, 1, ['MIN', 'MAX'])) ?? NIL_ARRAY
}

function bzmpop(call: Call, args: readonly string[]): Reply | typeof BLOCKED {
  const pop = parseManyPop(args, 2, ['MIN', 'MAX'])
  const timeoutMs = timeoutMsOf(args[1] as string, call.nowMs)
  const popped = popMany(call, pop)
  if (popped !== undefined) return popped
  return call.block({
    keys: pop.keys,
    timeoutMs,
    attempt: (later, key) => popManyLater(later, key === undefined ? pop : { ...pop, keys: [key] }),
    timedOut: NIL_ARRAY,
  })
}

function popMany(call: Call, pop: ManyPop): Reply | undefined {
  for (const key of pop.keys) {
    if (sortedSetAt(call.db, key) !== undefined) return popManyLater(call, { ...pop, keys: [key] })
  }
  return undefined
}

function popManyLater(call: Call, { keys, isFirst, count }: ManyPop): Reply | undefined {
  for (const key of keys) {
    const zset = call.db.get(key)
    if (!(zset instanceof SortedSetValue)) continue
    const { members, scores } = take(call, { key, zset, isMin: isFirst, count })
    return [key, pairsReply(members, scores)]
  }
  return undefined
}
