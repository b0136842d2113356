import { integerFrom, SYNTAX } from '../arguments.ts'
import type { Call, Command } from '../command.ts'
import { countedKeys, type ManyPop } from '../counted-keys.ts'
import { DoubleReply, ErrorReply, type Reply } from '../reply.ts'
import { pairsReply, scoredReply } from '../scored-reply.ts'
import { changedOrEmpty, sortedSetAt } from '../typed.ts'
import { SortedSetValue } from '../values/sorted-set.ts'
import { type Popping, popMany, popManyOrWait, popOrWait } from './blocking-pops.ts'

/** Taking the lowest or the highest, with and without waiting. */
export const sortedSetPops: readonly Command[] = [
  { name: 'zpopmin', arity: -2, flags: ['write', 'fast'], keys: [1, 1, 1], run: zpopmin },
  { name: 'zpopmax', arity: -2, flags: ['write', 'fast'], keys: [1, 1, 1], run: zpopmax },
  {
    name: 'bzpopmin',
    arity: -3,
    flags: ['write', 'noscript', 'blocking', 'fast'],
    keys: [1, -2, 1],
    run: (call, args) => popOrWait(call, args, LOWEST),
  },
  {
    name: 'bzpopmax',
    arity: -3,
    flags: ['write', 'noscript', 'blocking', 'fast'],
    keys: [1, -2, 1],
    run: (call, args) => popOrWait(call, args, HIGHEST),
  },
  {
    name: 'zmpop',
    arity: -4,
    flags: ['write'],
    keys: [0, 0, 0],
    keysOf: (args) => countedKeys(args, 1),
    run: (call, args) => popMany(call, args, MANY),
  },
  {
    name: 'bzmpop',
    arity: -5,
    flags: ['write', 'blocking'],
    keys: [0, 0, 0],
    keysOf: (args) => countedKeys(args, 2),
    run: (call, args) => popManyOrWait(call, args, MANY),
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

const isThere = (call: Call, key: string) => sortedSetAt(call.db, key) !== undefined

/** Key, member, score. */
const poppingFrom = (isMin: boolean): Popping => ({
  isThere,
  pop(call, key) {
    const zset = call.db.get(key)
    if (!(zset instanceof SortedSetValue)) return undefined
    const { members, scores } = take(call, { key, zset, isMin, count: 1 })
    return [key, members[0] as string, new DoubleReply(scores[0] as number)]
  },
})
const LOWEST = poppingFrom(true)
const HIGHEST = poppingFrom(false)

/** The key, and members with their scores. */
const MANY = {
  words: ['MIN', 'MAX'],
  poppingOf: ({ isFirst, count }: ManyPop): Popping => ({
    isThere,
    pop(call, key) {
      const zset = call.db.get(key)
      if (!(zset instanceof SortedSetValue)) return undefined
      const { members, scores } = take(call, { key, zset, isMin: isFirst, count })
      return [key, pairsReply(members, scores)]
    },
  }),
} as const
