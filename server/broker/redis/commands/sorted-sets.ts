import { parseCursor, scanPage } from '../collection-scan.ts'
import type { Call, Command } from '../command.ts'
import { doubleText } from '../encode.ts'
import { distinctPlaces, parseRandomQuery } from '../random-pick.ts'
import { DoubleReply, type Reply } from '../reply.ts'
import { scoredReply } from '../scored-reply.ts'
import { removeMembers, sortedSetAt } from '../typed.ts'
import type { SortedSetValue } from '../values/sorted-set.ts'
import { zadd, zincrby } from './sorted-set-add.ts'
import { sortedSetAlgebra } from './sorted-set-algebra.ts'
import { sortedSetPops } from './sorted-set-pops.ts'
import { sortedSetRanges } from './sorted-set-ranges.ts'

/** https://redis.io/docs/latest/commands/?group=sorted-set, as of 7.0. */
export const sortedSets: readonly Command[] = [
  { name: 'zadd', arity: -4, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: zadd },
  { name: 'zincrby', arity: 4, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: zincrby },
  { name: 'zrem', arity: -3, flags: ['write', 'fast'], keys: [1, 1, 1], run: zrem },
  { name: 'zcard', arity: 2, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: zcard },
  { name: 'zscore', arity: 3, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: zscore },
  { name: 'zmscore', arity: -3, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: zmscore },
  { name: 'zrank', arity: 3, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: zrank },
  { name: 'zrevrank', arity: 3, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: zrevrank },
  { name: 'zrandmember', arity: -2, flags: ['readonly'], keys: [1, 1, 1], run: zrandmember },
  { name: 'zscan', arity: -3, flags: ['readonly'], keys: [1, 1, 1], run: zscan },
  ...sortedSetRanges,
  ...sortedSetAlgebra,
  ...sortedSetPops,
]

function zrem({ db }: Call, args: readonly string[]): Reply {
  return removeMembers(db, args, sortedSetAt(db, args[1] as string))
}

function zcard({ db }: Call, args: readonly string[]): Reply {
  return sortedSetAt(db, args[1] as string)?.size ?? 0
}

function scoreReply(zset: SortedSetValue | undefined, member: string): Reply {
  const score = zset?.score(member)
  return score === undefined ? null : new DoubleReply(score)
}

function zscore({ db }: Call, args: readonly string[]): Reply {
  return scoreReply(sortedSetAt(db, args[1] as string), args[2] as string)
}

function zmscore({ db }: Call, args: readonly string[]): Reply {
  const zset = sortedSetAt(db, args[1] as string)
  const scores: Reply[] = []
  for (let i = 2; i < args.length; i++) scores.push(scoreReply(zset, args[i] as string))
  return scores
}

function zrank({ db }: Call, args: readonly string[]): Reply {
  return sortedSetAt(db, args[1] as string)?.rank(args[2] as string) ?? null
}

function zrevrank({ db }: Call, args: readonly string[]): Reply {
  const zset = sortedSetAt(db, args[1] as string)
  const rank = zset?.rank(args[2] as string)
  return zset === undefined || rank === undefined ? null : zset.size - 1 - rank
}

function zrandmember(call: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  if (args.length === 2) {
    const zset = sortedSetAt(call.db, key)
    return zset === undefined ? null : (pickMembers(call, zset, 1)[0] as string)
  }
  const { count, isWithValues } = parseRandomQuery(args, 'WITHSCORES')
  const zset = sortedSetAt(call.db, key)
  if (zset === undefined || count === 0) return []
  const members = pickMembers(call, zset, count)
  if (!isWithValues) return members
  const scores = members.map((member) => zset.score(member) as number)
  return scoredReply(members, scores, call.protocol)
}

/** @param count negative: members may repeat */
function pickMembers(call: Call, zset: SortedSetValue, count: number): readonly string[] {
  const members: string[] = []
  if (count >= zset.size) {
    zset.take(0, zset.size, members, null)
  } else if (count < 0) {
    for (let i = 0; i > count; i--) zset.take(Math.floor(call.random() * zset.size), 1, members, null)
  } else {
    for (const place of distinctPlaces(count, zset.size, () => call.random())) zset.take(place, 1, members, null)
  }
  return members
}

function zscan({ db }: Call, args: readonly string[]): Reply {
  const cursor = parseCursor(args[2] as string)
  const zset = sortedSetAt(db, args[1] as string)
  if (zset === undefined) return ['0', []]
  const page = scanPage(zset, cursor, args)
  const isListpack = zset.encoding() === 'listpack'
  const pairs: string[] = []
  for (const member of page.members) {
    const score = zset.score(member) as number
    // A listpack keeps whole numbers as such, and ZSCAN shows what is kept.
    const isWhole = isListpack && Number.isInteger(score) && Math.abs(score) <= 2 ** 62
    pairs.push(member, isWhole ? BigInt(score).toString() : doubleText(score))
  }
  return [page.cursor, pairs]
}
