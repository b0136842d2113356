import { integerOf, SYNTAX } from '../arguments.ts'
import type { Call, Command } from '../command.ts'
import { ErrorReply, type Reply } from '../reply.ts'
import { scoredReply } from '../scored-reply.ts'
import { type Bounds, parseBounds, type RangeKind } from '../sorted-set-range.ts'
import { changedOrEmpty, sortedSetAt } from '../typed.ts'
import { SortedSetValue } from '../values/sorted-set.ts'

/** All that is asked of a part of a sorted set: by rank, by score, by the members' bytes. */
export const sortedSetRanges: readonly Command[] = [
  { name: 'zrange', arity: -4, flags: ['readonly'], keys: [1, 1, 1], run: zrange },
  { name: 'zrangestore', arity: -5, flags: ['write', 'denyoom'], keys: [1, 2, 1], run: zrangestore },
  { name: 'zrevrange', arity: -4, flags: ['readonly'], keys: [1, 1, 1], run: zrevrange },
  { name: 'zrangebyscore', arity: -4, flags: ['readonly'], keys: [1, 1, 1], run: zrangebyscore },
  { name: 'zrevrangebyscore', arity: -4, flags: ['readonly'], keys: [1, 1, 1], run: zrevrangebyscore },
  { name: 'zrangebylex', arity: -4, flags: ['readonly'], keys: [1, 1, 1], run: zrangebylex },
  { name: 'zrevrangebylex', arity: -4, flags: ['readonly'], keys: [1, 1, 1], run: zrevrangebylex },
  { name: 'zcount', arity: 4, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: zcount },
  { name: 'zlexcount', arity: 4, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: zlexcount },
  { name: 'zremrangebyscore', arity: 4, flags: ['write'], keys: [1, 1, 1], run: zremrangebyscore },
  { name: 'zremrangebyrank', arity: 4, flags: ['write'], keys: [1, 1, 1], run: zremrangebyrank },
  { name: 'zremrangebylex', arity: 4, flags: ['write'], keys: [1, 1, 1], run: zremrangebylex },
]

/** What an older form fixes; null: ZRANGE's options say. */
interface Form {
  /** Where the key is among the arguments. */
  readonly keyPlace: number
  readonly kind: RangeKind | null
  readonly isReverse: boolean | null
  readonly isStore: boolean
}

const ZRANGE: Form = { keyPlace: 1, kind: null, isReverse: null, isStore: false }
const ZRANGESTORE: Form = { keyPlace: 2, kind: null, isReverse: null, isStore: true }
const ZREVRANGE: Form = { keyPlace: 1, kind: 'rank', isReverse: true, isStore: false }
const BY_SCORE: Form = { keyPlace: 1, kind: 'score', isReverse: false, isStore: false }
const BY_SCORE_REVERSE: Form = { keyPlace: 1, kind: 'score', isReverse: true, isStore: false }
const BY_LEX: Form = { keyPlace: 1, kind: 'lex', isReverse: false, isStore: false }
const BY_LEX_REVERSE: Form = { keyPlace: 1, kind: 'lex', isReverse: true, isStore: false }

interface Query {
  readonly kind: RangeKind
  readonly isReverse: boolean
  readonly isWithScores: boolean
  /** Always 0 by rank: there Redis passes over it, and takes no other limit than -1. */
  readonly offset: number
  /** Negative: all. */
  readonly limit: number
}

function parseQuery(args: readonly string[], form: Form): Query {
  let { kind, isReverse } = form
  let isWithScores = false
  let offset = 0
  let limit = -1
  for (let i = form.keyPlace + 3; i < args.length; i++) {
    const word = (args[i] as string).toUpperCase()
    if (word === 'WITHSCORES' && !form.isStore) {
      isWithScores = true
    } else if (word === 'LIMIT' && i + 2 < args.length) {
      offset = integerOf(args[++i] as string)
      limit = integerOf(args[++i] as string)
    } else if (word === 'REV' && isReverse === null) {
      isReverse = true
    } else if ((word === 'BYSCORE' || word === 'BYLEX') && kind === null) {
      kind = word === 'BYSCORE' ? 'score' : 'lex'
    } else {
      throw new ErrorReply(SYNTAX)
    }
  }
  kind ??= 'rank'
  if (limit !== -1 && kind === 'rank') {
    throw new ErrorReply('ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX')
  }
  if (isWithScores && kind === 'lex') {
    throw new ErrorReply('ERR syntax error, WITHSCORES not supported in combination with BYLEX')
  }
  return { kind, isReverse: isReverse ?? false, isWithScores, offset: kind === 'rank' ? 0 : offset, limit }
}

interface Found {
  readonly members: string[]
  readonly scores: number[] | null
}

/** The members asked for, highest first when reversed. */
function find(call: Call, args: readonly string[], form: Form): Found {
  const { kind, isReverse, isWithScores, offset, limit } = parseQuery(args, form)
  const isSwapped = isReverse && kind !== 'rank'
  const min = args[form.keyPlace + (isSwapped ? 2 : 1)] as string
  const max = args[form.keyPlace + (isSwapped ? 1 : 2)] as string
  const bounds = parseBounds(kind, min, max, isReverse)
  const zset = sortedSetAt(call.db, args[form.keyPlace] as string)
  const members: string[] = []
  const scores: number[] | null = isWithScores || form.isStore ? [] : null
  if (zset === undefined || offset < 0) return { members, scores }
  const { start, end } = bounds.ranksIn(zset)
  const rest = end - start - offset
  const count = limit < 0 ? rest : Math.min(rest, limit)
  if (count <= 0) return { members, scores }
  zset.take(isReverse ? end - offset - count : start + offset, count, members, scores)
  if (isReverse) {
    members.reverse()
    scores?.reverse()
  }
  return { members, scores }
}

function answer(call: Call, args: readonly string[], form: Form): Reply {
  const { members, scores } = find(call, args, form)
  return scores === null ? members : scoredReply(members, scores, call.protocol)
}

function zrange(call: Call, args: readonly string[]): Reply {
  return answer(call, args, ZRANGE)
}
function zrevrange(call: Call, args: readonly string[]): Reply {
  return answer(call, args, ZREVRANGE)
}
function zrangebyscore(call: Call, args: readonly string[]): Reply {
  return answer(call, args, BY_SCORE)
}
function zrevrangebyscore(call: Call, args: readonly string[]): Reply {
  return answer(call, args, BY_SCORE_REVERSE)
}
function zrangebylex(call: Call, args: readonly string[]): Reply {
  return answer(call, args, BY_LEX)
}
function zrevrangebylex(call: Call, args: readonly string[]): Reply {
  return answer(call, args, BY_LEX_REVERSE)
}

function zrangestore(call: Call, args: readonly string[]): Reply {
  const { members, scores } = find(call, args, ZRANGESTORE)
  const target = args[1] as string
  if (members.length === 0) call.db.remove(target)
  else call.db.set(target, new SortedSetValue(members.map((member, i) => [member, scores?.[i] ?? 0] as const)), true)
  return members.length
}

function countIn({ db }: Call, key: string, bounds: Bounds): Reply {
  const zset = sortedSetAt(db, key)
  if (zset === undefined) return 0
  const { start, end } = bounds.ranksIn(zset)
  return Math.max(end - start, 0)
}

function zcount(call: Call, args: readonly string[]): Reply {
  return countIn(call, args[1] as string, parseBounds('score', args[2] as string, args[3] as string, false))
}
function zlexcount(call: Call, args: readonly string[]): Reply {
  return countIn(call, args[1] as string, parseBounds('lex', args[2] as string, args[3] as string, false))
}

function removeIn({ db }: Call, args: readonly string[], kind: RangeKind): Reply {
  const key = args[1] as string
  const bounds = parseBounds(kind, args[2] as string, args[3] as string, false)
  const zset = sortedSetAt(db, key)
  if (zset === undefined) return 0
  const { start, end } = bounds.ranksIn(zset)
  if (end <= start) return 0
  db.changing(key)
  zset.deleteRanks(start, end - start)
  changedOrEmpty(db, key, zset.size)
  return end - start
}

function zremrangebyscore(call: Call, args: readonly string[]): Reply {
  return removeIn(call, args, 'score')
}
function zremrangebyrank(call: Call, args: readonly string[]): Reply {
  return removeIn(call, args, 'rank')
}
function zremrangebylex(call: Call, args: readonly string[]): Reply {
  return removeIn(call, args, 'lex')
}
